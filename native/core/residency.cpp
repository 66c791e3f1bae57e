#include "residency.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

namespace pinlab {
namespace {

constexpr uint64_t kChunkByteLength = 4ull << 20;

// The sanitizers make nothing of mlock and munlock, and residency is just what the tests look at.
#ifdef PINLAB_SANITIZE
int lock_pages(void* start, size_t byte_length) {
  return static_cast<int>(syscall(SYS_mlock, start, byte_length));
}
int unlock_pages(void* start, size_t byte_length) {
  return static_cast<int>(syscall(SYS_munlock, start, byte_length));
}
#else
constexpr auto lock_pages = mlock;
constexpr auto unlock_pages = munlock;
#endif

void* pointer(uint64_t address) { return reinterpret_cast<void*>(address); }

void give_back(uint64_t begin, uint64_t end) { unlock_pages(pointer(begin), end - begin); }

std::string in_mebibytes(uint64_t byte_length) {
  if (byte_length < (1u << 20)) return std::to_string(byte_length) + " bytes";
  return std::to_string(byte_length >> 20) + " MiB";
}

/// Makes each page the process's own for good: a write fault, without changing what is there.
void touch(uint64_t begin, uint64_t end) {
  for (uint64_t at = begin; at < end; at += kPageByteLength) {
    auto* byte = reinterpret_cast<uint8_t*>(at);
    uint8_t value = __atomic_load_n(byte, __ATOMIC_RELAXED);
    __atomic_compare_exchange_n(byte, &value, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  }
}

}  // namespace

Residency& Residency::process() {
  static Residency& residency = *new Residency;
  return residency;
}

Result<void> Residency::lock(HostRange range, Keeper keeper) {
  const uint64_t begin = page_floor(range.begin());
  const uint64_t end = page_ceil(range.end());
  for (uint64_t at = begin; at < end; at += kChunkByteLength) {
    auto locked = lock_chunk(at, std::min(at + kChunkByteLength, end), keeper);
    if (!locked.ok()) {
      const int system_errno = locked.error().system_errno;
      while (at > begin) {
        at -= kChunkByteLength;
        unlock_chunk(at, at + kChunkByteLength, keeper);
      }
      return not_resident(system_errno, end - begin);
    }
    if (at + kChunkByteLength < end) sched_yield();
  }
  return {};
}

void Residency::unlock(HostRange range, Keeper keeper) {
  const uint64_t begin = page_floor(range.begin());
  const uint64_t end = page_ceil(range.end());
  for (uint64_t at = begin; at < end; at += kChunkByteLength) {
    unlock_chunk(at, std::min(at + kChunkByteLength, end), keeper);
    if (at + kChunkByteLength < end) sched_yield();
  }
}

bool Residency::overlaps(HostRange range) {
  std::lock_guard guard(mutex_);
  const uint64_t begin = page_floor(range.begin());
  return ours_.any(begin, range.end()) || pinned_.any(begin, range.end());
}

// The system call is made under the mutex: between another thread's count and its munlock of a
// shared edge page, an mlock of that page would be undone.
Result<void> Residency::lock_chunk(uint64_t begin, uint64_t end, Keeper keeper) {
  if (keeper == Keeper::bus) {
    touch(begin, end);
    std::lock_guard guard(mutex_);
    pinned_.add(begin, end);
    return {};
  }
  std::lock_guard guard(mutex_);
  // mlock itself faults every page in, for writing where the mapping is private and writable.
  if (lock_pages(pointer(begin), end - begin) != 0) {
    Error error{Status::insufficient_resources, {}, errno};
    // The kernel may have locked a part before it failed. Give back what no other lock needs.
    ours_.each_unneeded(begin, end, give_back);
    return error;
  }
  ours_.add(begin, end);
  return {};
}

void Residency::unlock_chunk(uint64_t begin, uint64_t end, Keeper keeper) {
  std::lock_guard guard(mutex_);
  if (keeper == Keeper::bus) return pinned_.remove(begin, end, [](uint64_t, uint64_t) {});
  ours_.remove(begin, end, give_back);
}

Error not_resident(int system_errno, uint64_t wanted_byte_length) {
  Error error{Status::insufficient_resources, "memory could not be kept resident", system_errno};
  const uint64_t soft = memlock_limit().soft;
  // mlock says ENOMEM for more than one reason; it is the limit only when the sum is above it.
  if (system_errno == EPERM || locked_byte_length() + wanted_byte_length > soft) {
    error.limit = LimitHit{"RLIMIT_MEMLOCK", soft, wanted_byte_length};
    error.message = "RLIMIT_MEMLOCK " + in_mebibytes(soft) + ", wanted " +
                    in_mebibytes(wanted_byte_length) + ", locked already " +
                    in_mebibytes(locked_byte_length());
    error.help =
        "raise it with `ulimit -l`, LimitMEMLOCK= of the service or /etc/security/limits.d";
  } else if (system_errno == ENOMEM) {
    error.help = "not enough memory, or more mappings than vm.max_map_count allows";
  }
  return error;
}

uint64_t resident_byte_length(HostRange range) {
  constexpr uint64_t kStepByteLength = 64ull << 20;
  std::vector<unsigned char> present(kStepByteLength / kPageByteLength);
  uint64_t resident = 0;
  const uint64_t end = page_ceil(range.end());
  for (uint64_t at = page_floor(range.begin()); at < end; at += kStepByteLength) {
    const uint64_t byte_length = std::min(kStepByteLength, end - at);
    if (mincore(pointer(at), byte_length, present.data()) != 0) return 0;
    for (uint64_t page = 0; page < byte_length / kPageByteLength; ++page) {
      if ((present[page] & 1) == 0) continue;
      const uint64_t begin = at + page * kPageByteLength;
      resident += std::min(begin + kPageByteLength, range.end()) - std::max(begin, range.begin());
    }
  }
  return resident;
}

uint64_t locked_byte_length() {
  std::FILE* status = std::fopen("/proc/self/status", "re");
  if (!status) return 0;
  char line[256];
  unsigned long long kibibytes = 0;
  while (std::fgets(line, sizeof line, status)) {
    if (std::sscanf(line, "VmLck: %llu kB", &kibibytes) == 1) break;
  }
  std::fclose(status);
  return kibibytes * 1024;
}

MemlockLimit memlock_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return {};
  const auto bytes = [](rlim_t value) { return value == RLIM_INFINITY ? UINT64_MAX : value; };
  return {bytes(limit.rlim_cur), bytes(limit.rlim_max)};
}

}  // namespace pinlab
