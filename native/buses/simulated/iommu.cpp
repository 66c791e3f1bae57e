#include "iommu.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <iterator>

#include "../../core/host_memory.h"

namespace pinlab::simulated {
namespace {

double now_ms() {
  using namespace std::chrono;
  return duration<double, std::milli>(system_clock::now().time_since_epoch()).count();
}

/// Cuts `memory` into runs of at most `run_pages` CPU pages (0: one run) from `base` on, one page
/// apart.
std::vector<Segment> lay_out(HostRange memory, uint64_t base, uint64_t run_pages) {
  const uint64_t offset = memory.begin() - page_floor(memory.begin());
  if (run_pages == 0) return {{base + offset, memory.start, memory.byte_length}};
  std::vector<Segment> segments;
  const uint64_t first = page_floor(memory.begin());
  const uint64_t stride = (run_pages + 1) * kPageByteLength;
  for (uint64_t at = memory.begin(); at < memory.end();) {
    const uint64_t run = (at - first) / (run_pages * kPageByteLength);
    const uint64_t run_begin = first + run * run_pages * kPageByteLength;
    const uint64_t end = std::min(run_begin + run_pages * kPageByteLength, memory.end());
    segments.push_back(
        {base + run * stride + (at - run_begin), reinterpret_cast<std::byte*>(at), end - at});
    at = end;
  }
  return segments;
}

}  // namespace

Result<std::vector<Segment>> Iommu::map(uint64_t handle, const LockPlan& plan, HostRange memory) {
  const uint64_t pages = (page_ceil(memory.end()) - page_floor(memory.begin())) / kPageByteLength;
  const uint64_t run_pages = plan.kind == LockKind::contiguous ? 0 : fragmentation_;
  const uint64_t runs = run_pages ? (pages + run_pages - 1) / run_pages : 1;
  // A page is left free after each run: runs never touch, and an overrun is a fault at once.
  const uint64_t byte_length = (pages + runs) * kPageByteLength;
  auto base = allocate(plan, byte_length);
  if (!base.ok()) return base.error();

  auto mapping = std::make_shared<Mapping>();
  mapping->handle = handle;
  mapping->owner = plan.owner;
  mapping->direction = plan.direction;
  mapping->begin = base.value();
  mapping->end = base.value() + byte_length;
  mapping->segments = lay_out(memory, base.value(), run_pages);
  auto segments = mapping->segments;
  index_.insert(std::move(mapping));
  return segments;
}

void Iommu::unmap(uint64_t handle) {
  const auto mapping = index_.remove(handle);
  if (!mapping) return;
  std::lock_guard guard(pools_mutex_);
  for (Window& window : windows_) {
    if (!window.pool.owns(mapping->begin)) continue;
    window.pool.release(mapping->begin, mapping->end - mapping->begin);
  }
}

Iommu::Window& Iommu::window_for(uint32_t address_bits) {
  for (Window& window : windows_) {
    if (address_bits <= window.address_bits) return window;
  }
  return windows_[std::size(windows_) - 1];
}

Result<uint64_t> Iommu::allocate(const LockPlan& plan, uint64_t byte_length) {
  std::lock_guard guard(pools_mutex_);
  Window& window = window_for(plan.address_bits);
  const uint64_t below = plan.address_bits < 64 ? 1ull << plan.address_bits : UINT64_MAX;
  if (auto address = window.pool.allocate(byte_length, below)) return *address;
  Error error{Status::insufficient_resources, "no run of device addresses is long enough"};
  error.limit = LimitHit{window.name, window.pool.byte_length(below), byte_length};
  if (plan.address_bits < 32) {
    error.help = "a board that reaches further should lock without KBUF_BELOW_16M and with a "
                 "wider address width; else lock less";
  } else if (plan.address_bits == 32) {
    error.help = "a board that can should lock with DMA_ALLOW_64BIT_ADDRESS";
  }
  return error;
}

std::shared_ptr<Mapping> Iommu::acquire(uint64_t address) {
  // Counted before bus mastering is looked at: whoever turns it off and then sees no access in
  // flight can be sure that none begins.
  in_flight_.fetch_add(1);
  auto mapping = bus_master() ? index_.acquire(address) : nullptr;
  if (!mapping) in_flight_.fetch_sub(1);
  return mapping;
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
    mapping_ = iommu_.acquire(address);
    if (!mapping_ && !iommu_.bus_master()) return {Outcome::bus_master_off};
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
