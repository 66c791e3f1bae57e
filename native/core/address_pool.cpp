#include "address_pool.h"

#include <iterator>

namespace pinlab {

AddressPool::AddressPool(uint64_t begin, uint64_t end)
    : begin_(begin), end_(end), free_byte_length_(end - begin), cursor_(begin) {
  free_.emplace(begin, end - begin);
}

std::optional<uint64_t> AddressPool::allocate(uint64_t byte_length, uint64_t below) {
  const auto fits = [&](const auto& range) {
    return range.second >= byte_length && range.first < below && byte_length <= below - range.first;
  };
  const auto start = free_.lower_bound(cursor_);
  for (auto range = start; range != free_.end(); ++range) {
    if (fits(*range)) return take(range, byte_length);
  }
  for (auto range = free_.begin(); range != start; ++range) {
    if (fits(*range)) return take(range, byte_length);
  }
  return std::nullopt;
}

uint64_t AddressPool::take(Ranges::iterator range, uint64_t byte_length) {
  const uint64_t address = range->first;
  const uint64_t rest = range->second - byte_length;
  free_.erase(range);
  if (rest > 0) free_.emplace(address + byte_length, rest);
  free_byte_length_ -= byte_length;
  cursor_ = address + byte_length;
  return address;
}

void AddressPool::release(uint64_t address, uint64_t byte_length) {
  free_byte_length_ += byte_length;
  auto next = free_.lower_bound(address);
  if (next != free_.end() && address + byte_length == next->first) {
    byte_length += next->second;
    next = free_.erase(next);
  }
  if (next != free_.begin()) {
    const auto previous = std::prev(next);
    if (previous->first + previous->second == address) {
      // The cursor must stay at or before a range's start, or going round would skip the merged
      // range.
      if (cursor_ == address) cursor_ = previous->first;
      previous->second += byte_length;
      return;
    }
  }
  free_.emplace_hint(next, address, byte_length);
}

}  // namespace pinlab
