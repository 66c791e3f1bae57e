// The device addresses of one card: which a lock may have, and how its memory is laid out there.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "address_pool.h"
#include "host_memory.h"
#include "interval_index.h"
#include "options.h"
#include "result.h"

namespace pinlab {

/// Gives locks addresses from the window of the narrowest width that they may have, so that boards
/// which reach further do not use up what others need. Windows end at 16 MiB, 256 MiB, 4 GiB and the
/// end of the address space; the first MiB is the PC's. Thread-safe.
class DeviceAddresses {
 public:
  /// `allowed`: ordered ranges that the IOMMU translates; what of them lies in a window is its pool.
  /// `fragmentation` 0: a lock gets one run of device addresses; n > 0: runs of at most n CPU pages
  /// with a page left free between them, so that lists are deterministic and long (contiguous locks
  /// excepted). `seed` moves the place where each window is begun; 0: its start.
  DeviceAddresses(const std::vector<AddressRange>& allowed, uint32_t fragmentation, uint64_t seed);

  /// A mapping that no index has yet, with a page left free after each run. Exhausted addresses:
  /// WD_INSUFFICIENT_RESOURCES with the window as limit.
  Result<std::shared_ptr<Mapping>> reserve(uint64_t handle, const LockPlan& plan, HostRange memory);

  /// Gives back the addresses of a mapping that `reserve` made.
  void release(const Mapping& mapping);

 private:
  struct Window {
    AddressRange range;
    uint32_t address_bits;  ///< for locks with at most so many bits; more go to the next window
    const char* name;       ///< for errors
    AddressPool pool;
  };
  Window& window_for(uint32_t address_bits, uint64_t below);
  Result<uint64_t> allocate(const LockPlan& plan, uint64_t byte_length);

  const uint32_t fragmentation_;
  std::mutex mutex_;
  std::vector<Window> windows_;  ///< narrowest first
};

}  // namespace pinlab
