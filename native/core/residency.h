// Keeps host memory resident and counts, for each CPU page of the process, how many locks need it.
//
// mlock does not nest: one munlock undoes any number of mlocks. Locks may share an edge page, so
// pages are counted here, and only those that nobody needs any more are given back. Where the bus
// itself pins what it maps, an mlock would count the memory twice against RLIMIT_MEMLOCK: then pages
// are only touched and counted.
#pragma once

#include <cstdint>
#include <mutex>

#include "host_memory.h"
#include "page_counts.h"
#include "result.h"

namespace pinlab {

/// Who keeps the pages of a lock in memory: we, by mlock, or the bus, by pinning what it maps.
enum class Keeper { us, bus };

/// One for the process, shared by all cards, environments and threads. Thread-safe.
class Residency {
 public:
  /// Never destroyed: threads may still need it while the process exits.
  static Residency& process();

  /// Touches and locks every CPU page of the range, 4 MiB at a time with a yield between, because
  /// the kernel's memory-map lock is shared with every other mmap of the process. Blocks; not for
  /// the event loop. On failure nothing is kept: WD_INSUFFICIENT_RESOURCES with errno and, where it
  /// was that, RLIMIT_MEMLOCK. With Keeper::bus pages are touched for writing, so that none of them
  /// is the kernel's common page of zeros, and counted; that cannot fail.
  Result<void> lock(HostRange range, Keeper keeper);

  /// Undoes one `lock` of exactly this range and keeper. Blocks likewise; cannot fail.
  void unlock(HostRange range, Keeper keeper);

  /// True when any page of the range is locked now, by whatever keeper. May wait for one chunk of another thread.
  bool overlaps(HostRange range);

 private:
  Result<void> lock_chunk(uint64_t begin, uint64_t end, Keeper keeper);
  void unlock_chunk(uint64_t begin, uint64_t end, Keeper keeper);

  std::mutex mutex_;
  PageCounts ours_;
  PageCounts pinned_;  ///< Keeper::bus
};

/// What is said when the system keeps no more memory resident for us: WD_INSUFFICIENT_RESOURCES with
/// errno and, where it was that, RLIMIT_MEMLOCK.
Error not_resident(int system_errno, uint64_t wanted_byte_length);

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
