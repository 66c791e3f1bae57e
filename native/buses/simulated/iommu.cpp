#include "iommu.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace pinlab::simulated {
namespace {

double now_ms() {
  using namespace std::chrono;
  return duration<double, std::milli>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

Iommu::Iommu(uint32_t fragmentation, EventSink& sink)
    // As on a busy host, little is left below 4 GiB: 256 MiB apart from the narrow windows.
    : sink_(sink),
      addresses_({{0x0010'0000, 0x2000'0000}, {0x1'0000'0000, 0x100'0000'0000}}, fragmentation, 0) {}

Result<std::vector<Segment>> Iommu::map(uint64_t handle, const LockPlan& plan, HostRange memory) {
  auto reserved = addresses_.reserve(handle, plan, memory);
  if (!reserved.ok()) return reserved.error();
  auto segments = reserved.value()->segments;
  index_.insert(std::move(reserved.value()));
  return segments;
}

void Iommu::unmap(uint64_t handle) {
  if (const auto mapping = index_.remove(handle)) addresses_.release(*mapping);
}

std::optional<std::shared_ptr<Mapping>> Iommu::acquire(uint64_t address) {
  // Counted before bus mastering is looked at: whoever turns it off and then sees no access in
  // flight can be sure that none begins.
  in_flight_.fetch_add(1);
  // Looked at once: on again a moment later, it would make of a pause an access that is refused.
  const bool reaches = bus_master();
  auto mapping = reaches ? index_.acquire(address) : nullptr;
  if (!mapping) in_flight_.fetch_sub(1);
  return reaches ? std::optional(std::move(mapping)) : std::nullopt;
}

void Iommu::release(Mapping& mapping) {
  IntervalIndex::release(mapping);
  in_flight_.fetch_sub(1);
}

void Iommu::refuse(uint64_t address, Direction direction, const std::string& channel,
                   bool mapped_otherwise) {
  sink_.fault({address, direction, channel, now_ms(), mapped_otherwise, index_.nearest(address)});
}

bool HostPort::holds(uint64_t address) const {
  return mapping_ && address >= mapping_->begin && address < mapping_->end &&
         burst_ < kBurstByteLength && !mapping_->closing.load(std::memory_order_acquire) &&
         iommu_.bus_master();
}

HostPort::Span HostPort::reach(uint64_t address, uint64_t byte_length, Direction direction) {
  if (!holds(address)) {
    release();
    auto acquired = iommu_.acquire(address);
    if (!acquired) return {Outcome::bus_master_off};
    mapping_ = std::move(*acquired);
  }
  const Segment* segment = mapping_ ? mapping_->find(address, hint_) : nullptr;
  if (!segment || !permits(mapping_->direction, direction)) {
    iommu_.refuse(address, direction, channel_, segment != nullptr);
    unlocked_ |= !mapping_ && iommu_.is_freed(address);
    return {Outcome::refused};
  }
  const uint64_t offset = address - segment->device_address;
  const uint64_t reached =
      std::min({byte_length, segment->byte_length - offset, kBurstByteLength - burst_});
  burst_ += reached;
  return {Outcome::reached, segment->host + offset, reached};
}

void HostPort::release() {
  if (mapping_) iommu_.release(*mapping_);
  mapping_.reset();
  hint_ = 0;
  burst_ = 0;
}

HostPort::Outcome HostPort::read(uint64_t address, void* to, uint64_t byte_length) {
  auto* at = static_cast<std::byte*>(to);
  while (byte_length > 0) {
    const Span span = reach(address, byte_length, Direction::to_device);
    if (span.outcome != Outcome::reached) return release(), span.outcome;
    std::memcpy(at, span.host, span.byte_length);
    at += span.byte_length;
    address += span.byte_length;
    byte_length -= span.byte_length;
  }
  release();
  return Outcome::reached;
}

HostPort::Outcome HostPort::write(uint64_t address, const void* from, uint64_t byte_length) {
  const auto* at = static_cast<const std::byte*>(from);
  while (byte_length > 0) {
    const Span span = reach(address, byte_length, Direction::from_device);
    if (span.outcome != Outcome::reached) return release(), span.outcome;
    std::memcpy(span.host, at, span.byte_length);
    at += span.byte_length;
    address += span.byte_length;
    byte_length -= span.byte_length;
  }
  release();
  return Outcome::reached;
}

}  // namespace pinlab::simulated
