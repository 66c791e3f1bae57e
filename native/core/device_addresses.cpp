#include "device_addresses.h"

#include <algorithm>

namespace pinlab {
namespace {

struct WindowShape {
  AddressRange range;
  uint32_t address_bits;
  const char* name;
};

constexpr WindowShape kWindows[] = {
    {{0x0010'0000, 0x0100'0000}, 24, "device addresses below 16 MiB"},
    {{0x0100'0000, 0x1000'0000}, 28, "device addresses below 256 MiB"},
    {{0x1000'0000, 0x1'0000'0000}, 32, "device addresses below 4 GiB"},
    {{0x1'0000'0000, ~(kPageByteLength - 1)}, 64, "device addresses"},
};

AddressPool make_pool(const AddressRange& window, const std::vector<AddressRange>& allowed,
                      uint64_t seed) {
  std::vector<AddressRange> parts;
  for (const AddressRange& range : allowed) {
    const AddressRange part{page_ceil(std::max(range.begin, window.begin)),
                            page_floor(std::min(range.end, window.end))};
    if (part.begin < part.end) parts.push_back(part);
  }
  if (parts.empty()) return AddressPool({}, 0);
  const uint64_t pages = (parts.back().end - parts.front().begin) / kPageByteLength;
  const uint64_t start = parts.front().begin + seed % pages * kPageByteLength;
  return AddressPool(std::move(parts), start);
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

DeviceAddresses::DeviceAddresses(const std::vector<AddressRange>& allowed, uint32_t fragmentation,
                                 uint64_t seed)
    : fragmentation_(fragmentation) {
  for (const WindowShape& shape : kWindows) {
    windows_.push_back({shape.range, shape.address_bits, shape.name,
                        make_pool(shape.range, allowed, seed)});
  }
}

Result<std::shared_ptr<Mapping>> DeviceAddresses::reserve(uint64_t handle, const LockPlan& plan,
                                                          HostRange memory) {
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
  return mapping;
}

void DeviceAddresses::release(const Mapping& mapping) {
  std::lock_guard guard(mutex_);
  for (Window& window : windows_) {
    if (mapping.begin < window.range.begin || mapping.begin >= window.range.end) continue;
    window.pool.release(mapping.begin, mapping.end - mapping.begin);
  }
}

/// An IOMMU may translate nothing of a window; then the next narrower one has to do.
DeviceAddresses::Window& DeviceAddresses::window_for(uint32_t address_bits, uint64_t below) {
  auto window = windows_.begin();
  while (window->address_bits < address_bits) ++window;
  for (auto found = window;; --found) {
    if (found->pool.byte_length(below) > 0) return *found;
    if (found == windows_.begin()) return *window;
  }
}

Result<uint64_t> DeviceAddresses::allocate(const LockPlan& plan, uint64_t byte_length) {
  std::lock_guard guard(mutex_);
  const uint64_t below = plan.address_bits < 64 ? 1ull << plan.address_bits : UINT64_MAX;
  Window& window = window_for(plan.address_bits, below);
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

}  // namespace pinlab
