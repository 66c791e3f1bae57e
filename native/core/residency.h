// Keeps host memory resident (mlock) and counts, for each CPU page of the process, how many locks
// need it.
//
// mlock does not nest: one munlock undoes any number of mlocks. Locks may share an edge page, so
// pages are counted here, and only those that nobody needs any more are given back. Counts are kept
// by ranges of equal count, not page by page.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "host_memory.h"
#include "result.h"

namespace pinlab {

/// One for the process, shared by all cards, environments and threads. Thread-safe.
class Residency {
 public:
  /// Never destroyed: threads may still need it while the process exits.
  static Residency& process();

  /// Touches and locks every CPU page of the range, 4 MiB at a time with a yield between, because
  /// the kernel's memory-map lock is shared with every other mmap of the process. Blocks; not for
  /// the event loop. On failure nothing is kept: WD_INSUFFICIENT_RESOURCES with errno and, where it
  /// was that, RLIMIT_MEMLOCK.
  Result<void> lock(HostRange range);

  /// Undoes one `lock` of exactly this range. Blocks likewise; cannot fail.
  void unlock(HostRange range);

  /// True when any page of the range is locked now. May wait for one chunk of another thread.
  bool overlaps(HostRange range);

 private:
  using Counts = std::map<uint64_t, uint32_t>;

  Result<void> lock_chunk(uint64_t begin, uint64_t end);
  void unlock_chunk(uint64_t begin, uint64_t end);
  Counts::iterator split(uint64_t at);
  void merge(Counts::iterator from, uint64_t to);

  std::mutex mutex_;
  /// Start of a range -> locks that need it, up to the next start. Below the first start: 0.
  Counts counts_;
};

/// Bytes of a range whose pages are in memory now (mincore), whole pages counted up to the range's
/// edges. 0 where the range is not mapped. Blocks for milliseconds a GiB.
uint64_t resident_byte_length(HostRange range);

/// Locked memory of this process now, bytes (VmLck of /proc/self/status). 0 where it cannot be
/// read.
uint64_t locked_byte_length();

/// RLIMIT_MEMLOCK, bytes; UINT64_MAX means unlimited.
struct MemlockLimit {
  uint64_t soft = 0;
  uint64_t hard = 0;
};
MemlockLimit memlock_limit();

}  // namespace pinlab
