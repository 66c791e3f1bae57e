// The contiguous locks of the process that others may attach to (GET_EXISTING_BUF), by handle.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "host_memory.h"
#include "options.h"

namespace pinlab {

/// What an attachment takes over from the lock that it attaches to.
struct ExistingBuffer {
  uint64_t original_handle = 0;  ///< the lock that the memory was first locked with
  LockPlan plan;
  HostRange range;
  std::shared_ptr<void> memory;  ///< keeps `range` alive; never null in an answer of `find`
};

/// One for the process, because a handle means the same for all its cards and workers. Keeps no
/// memory alive. Thread-safe; never blocks for long.
class ExistingBuffers {
 public:
  /// Never destroyed: threads may still need it while the process exits.
  static ExistingBuffers& process();

  /// From here on `handle` can be attached to.
  void add(uint64_t handle, const ExistingBuffer& buffer);
  /// From here on it cannot. Does nothing for a handle that is not there.
  void remove(uint64_t handle);
  /// Nothing for a handle that is unknown, not contiguous, or whose lock is ending.
  std::optional<ExistingBuffer> find(uint64_t handle);

 private:
  struct Entry {
    ExistingBuffer buffer;  ///< without `memory`
    std::weak_ptr<void> memory;
  };
  std::mutex mutex_;
  std::map<uint64_t, Entry> entries_;
};

}  // namespace pinlab
