#include "interval_index.h"

#include <algorithm>
#include <iterator>
#include <mutex>

namespace pinlab {
namespace {

bool contains(const Segment& segment, uint64_t address) {
  return address - segment.device_address < segment.byte_length;
}

uint64_t distance(uint64_t begin, uint64_t end, uint64_t address) {
  if (address < begin) return begin - address;
  return address < end ? 0 : address - end + 1;
}

}  // namespace

const Segment* Mapping::find(uint64_t address, size_t& hint) const {
  if (hint < segments.size() && contains(segments[hint], address)) return &segments[hint];
  if (hint + 1 < segments.size() && contains(segments[hint + 1], address)) return &segments[++hint];
  const auto after = std::upper_bound(
      segments.begin(), segments.end(), address,
      [](uint64_t wanted, const Segment& segment) { return wanted < segment.device_address; });
  if (after == segments.begin() || !contains(*std::prev(after), address)) return nullptr;
  hint = static_cast<size_t>(std::prev(after) - segments.begin());
  return &segments[hint];
}

void IntervalIndex::insert(std::shared_ptr<Mapping> mapping) {
  std::unique_lock guard(mutex_);
  address_of_.emplace(mapping->handle, mapping->begin);
  by_address_.emplace(mapping->begin, std::move(mapping));
}

std::shared_ptr<Mapping> IntervalIndex::remove(uint64_t handle) {
  std::shared_ptr<Mapping> mapping;
  {
    std::unique_lock guard(mutex_);
    const auto found = address_of_.find(handle);
    if (found == address_of_.end()) return nullptr;
    const auto entry = by_address_.find(found->second);
    mapping = std::move(entry->second);
    by_address_.erase(entry);
    address_of_.erase(found);
    freed_.push_front({mapping->begin, mapping->end, handle});
    if (freed_.size() > kRememberedFreed) freed_.pop_back();
  }
  mapping->closing.store(true, std::memory_order_release);
  for (uint32_t count; (count = mapping->references.load(std::memory_order_acquire)) != 0;) {
    mapping->references.wait(count, std::memory_order_acquire);
  }
  return mapping;
}

std::shared_ptr<Mapping> IntervalIndex::acquire(uint64_t address) {
  std::shared_lock guard(mutex_);
  auto entry = by_address_.upper_bound(address);
  if (entry == by_address_.begin()) return nullptr;
  --entry;
  if (address >= entry->second->end) return nullptr;
  entry->second->references.fetch_add(1, std::memory_order_relaxed);
  return entry->second;
}

void IntervalIndex::release(Mapping& mapping) {
  if (mapping.references.fetch_sub(1, std::memory_order_release) == 1) {
    mapping.references.notify_all();
  }
}

bool IntervalIndex::is_freed(uint64_t address) const {
  std::shared_lock guard(mutex_);
  return std::any_of(freed_.begin(), freed_.end(), [address](const Freed& freed) {
    return distance(freed.begin, freed.end, address) == 0;
  });
}

uint64_t IntervalIndex::nearest(uint64_t address) const {
  std::shared_lock guard(mutex_);
  uint64_t best_distance = UINT64_MAX;
  uint64_t best_handle = 0;
  const auto consider = [&](uint64_t begin, uint64_t end, uint64_t handle) {
    if (distance(begin, end, address) >= best_distance) return;
    best_distance = distance(begin, end, address);
    best_handle = handle;
  };
  const auto above = by_address_.lower_bound(address);
  if (above != by_address_.end())
    consider(above->second->begin, above->second->end, above->second->handle);
  if (above != by_address_.begin()) {
    const Mapping& below = *std::prev(above)->second;
    consider(below.begin, below.end, below.handle);
  }
  for (const Freed& freed : freed_) consider(freed.begin, freed.end, freed.handle);
  return best_handle;
}

}  // namespace pinlab
