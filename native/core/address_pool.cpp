#include "address_pool.h"

#include <algorithm>
#include <iterator>

namespace pinlab {

AddressPool::AddressPool(std::vector<AddressRange> ranges, uint64_t start)
    : ranges_(std::move(ranges)), cursor_(start) {
  for (const AddressRange& range : ranges_) free_.emplace(range.begin, range.end - range.begin);
}

std::optional<uint64_t> AddressPool::allocate(uint64_t byte_length, uint64_t below) {
  const auto fits = [&](const auto& range, uint64_t address) {
    return range.first + range.second - address >= byte_length && address < below &&
           byte_length <= below - address;
  };
  const auto first = at_cursor();
  for (auto range = first; range != free_.end(); ++range) {
    const uint64_t address = std::max(range->first, cursor_);
    if (fits(*range, address)) return take(range, address, byte_length);
  }
  // Round, up to the range of the cursor and its part before it.
  const auto last = first == free_.end() ? first : std::next(first);
  for (auto range = free_.begin(); range != last; ++range) {
    if (fits(*range, range->first)) return take(range, range->first, byte_length);
  }
  return std::nullopt;
}

/// The free range that the cursor is in, or the next one.
AddressPool::Ranges::iterator AddressPool::at_cursor() {
  const auto after = free_.upper_bound(cursor_);
  if (after == free_.begin()) return after;
  const auto before = std::prev(after);
  return cursor_ - before->first < before->second ? before : after;
}

uint64_t AddressPool::take(Ranges::iterator range, uint64_t address, uint64_t byte_length) {
  const uint64_t end = range->first + range->second;
  if (address == range->first) {
    free_.erase(range);
  } else {
    range->second = address - range->first;
  }
  if (address + byte_length < end) free_.emplace(address + byte_length, end - address - byte_length);
  cursor_ = address + byte_length;
  return address;
}

void AddressPool::release(uint64_t address, uint64_t byte_length) {
  auto next = free_.lower_bound(address);
  if (next != free_.end() && address + byte_length == next->first) {
    byte_length += next->second;
    next = free_.erase(next);
  }
  if (next != free_.begin()) {
    const auto previous = std::prev(next);
    if (previous->first + previous->second == address) {
      previous->second += byte_length;
      return;
    }
  }
  free_.emplace_hint(next, address, byte_length);
}

uint64_t AddressPool::byte_length(uint64_t below) const {
  uint64_t sum = 0;
  for (const AddressRange& range : ranges_) {
    if (range.begin < below) sum += std::min(range.end, below) - range.begin;
  }
  return sum;
}

}  // namespace pinlab
