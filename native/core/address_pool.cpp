#include "address_pool.h"

#include <algorithm>
#include <iterator>

namespace pinlab {

AddressPool::AddressPool(uint64_t begin, uint64_t end)
    : begin_(begin), end_(end), free_byte_length_(end - begin), cursor_(begin) {
  free_.emplace(begin, end - begin);
}

std::optional<uint64_t> AddressPool::allocate(uint64_t byte_length, uint64_t below) {
  // From the cursor to the end, then all of it from the start.
  for (const uint64_t from : {cursor_, begin_}) {
    auto range = free_.upper_bound(from);
    if (range != free_.begin()) --range;  // `from` may lie within this one
    for (; range != free_.end() && range->first < below; ++range) {
      const uint64_t at = std::max(range->first, from);
      const uint64_t end = std::min(range->first + range->second, below);
      if (at < end && byte_length <= end - at) return take(range, at, byte_length);
    }
  }
  return std::nullopt;
}

/// The part of a free range that begins at `address`; what is before and after it stays free.
uint64_t AddressPool::take(Ranges::iterator range, uint64_t address, uint64_t byte_length) {
  const uint64_t begin = range->first;
  const uint64_t end = begin + range->second;
  free_.erase(range);
  if (address > begin) free_.emplace(begin, address - begin);
  cursor_ = address + byte_length;
  if (cursor_ < end) free_.emplace(cursor_, end - cursor_);
  free_byte_length_ -= byte_length;
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
      previous->second += byte_length;
      return;
    }
  }
  free_.emplace_hint(next, address, byte_length);
}

}  // namespace pinlab
