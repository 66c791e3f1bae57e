#include "iova_space.h"

#include <sys/random.h>

#include <cerrno>
#include <mutex>

namespace pinlab::vfio {
namespace {

uint64_t random_seed() {
  uint64_t seed = 0;
  [[maybe_unused]] const auto filled = getrandom(&seed, sizeof seed, 0);
  return seed;
}

/// The whole pages of a segment, as the host and as the device has them.
struct Pages {
  explicit Pages(const Segment& segment)
      : device_address(page_floor(segment.device_address)),
        host{segment.host - (segment.device_address - device_address),
             page_ceil(segment.device_address + segment.byte_length) - device_address} {}
  uint64_t device_address;
  HostRange host;
};

/// What the kernel counts against RLIMIT_MEMLOCK.
uint64_t pinned_byte_length(const Mapping& mapping) {
  uint64_t sum = 0;
  for (const Segment& segment : mapping.segments) sum += Pages(segment).host.byte_length;
  return sum;
}

}  // namespace

IovaSpace::IovaSpace(Container& container, uint32_t fragmentation)
    : container_(&container), addresses_(container.ranges(), fragmentation, random_seed()) {}

void IovaSpace::shut() {
  std::unique_lock guard(mutex_);
  container_ = nullptr;
}

Result<std::vector<Segment>> IovaSpace::map(uint64_t handle, const LockPlan& plan,
                                            HostRange memory) {
  std::shared_lock guard(mutex_);
  if (!container_) return Error{Status::invalid_handle, "the card is closed"};
  if (stuck_.load()) {
    Error error{Status::operation_failed, "the kernel did not unmap an earlier lock"};
    error.help = "close the board and open it again";
    return error;
  }
  auto reserved = addresses_.reserve(handle, plan, memory);
  if (!reserved.ok()) return reserved.error();
  std::shared_ptr<Mapping> mapping = std::move(reserved.value());
  if (auto mapped = map_segments(*mapping); !mapped.ok()) {
    if (!stuck_.load()) addresses_.release(*mapping);
    return mapped.error();
  }
  auto segments = mapping->segments;
  index_.insert(std::move(mapping));
  return segments;
}

Result<void> IovaSpace::map_segments(const Mapping& mapping) {
  const size_t count = mapping.segments.size();
  // Asked first, because making and undoing thousands takes its time.
  if (count > 1 && count > container_->mappings_left()) return container_->mappings_used_up(count);
  for (size_t i = 0; i < count; ++i) {
    const Pages pages(mapping.segments[i]);
    auto mapped = container_->map(pages.host, pages.device_address, mapping.direction);
    if (mapped.ok()) continue;
    if (auto undone = unmap_segments(mapping, i); !undone.ok()) stuck_.store(true);
    switch (mapped.error().system_errno) {
      case ENOMEM: return not_resident(ENOMEM, pinned_byte_length(mapping));
      case ENOSPC: return container_->mappings_used_up(count);
      default: return mapped;
    }
  }
  return {};
}

Result<void> IovaSpace::unmap_segments(const Mapping& mapping, size_t count) {
  Result<void> outcome;
  while (count-- > 0) {
    const Pages pages(mapping.segments[count]);
    auto unmapped = container_->unmap(pages.device_address, pages.host.byte_length);
    if (!unmapped.ok()) outcome = unmapped;
  }
  return outcome;
}

void IovaSpace::unmap(uint64_t handle) {
  const auto mapping = index_.remove(handle);
  std::shared_lock guard(mutex_);
  if (!mapping || !container_) return;
  if (unmap_segments(*mapping, mapping->segments.size()).ok()) return addresses_.release(*mapping);
  stuck_.store(true);
}

void IovaSpace::explain(IommuFault& fault) {
  fault.nearest_handle = index_.nearest(fault.address);
  const uint64_t page = page_floor(fault.address);
  // A lock may begin or end within the page, all of which is mapped for it.
  for (const uint64_t address : {fault.address, page, page + kPageByteLength - 1}) {
    const auto mapping = index_.acquire(address);
    if (!mapping) continue;
    size_t hint = 0;
    const bool mapped = mapping->find(address, hint) != nullptr;
    fault.mapped_otherwise = mapped && !permits(mapping->direction, fault.direction);
    IntervalIndex::release(*mapping);
    if (mapped) return;
  }
}

}  // namespace pinlab::vfio
