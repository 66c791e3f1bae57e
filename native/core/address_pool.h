// Device addresses: hands out ranges of an I/O address space and takes them back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace pinlab {

/// Device addresses [begin, end).
struct AddressRange {
  uint64_t begin = 0;
  uint64_t end = 0;
};

/// A pool of device addresses, in whole pages. Not thread-safe: its owner serialises. Address 0 must
/// not be in it. Reuse is delayed by going round (next fit), so that a stale address is a fault
/// rather than somebody else's memory for as long as possible.
class AddressPool {
 public:
  /// `ranges` are ordered, not adjacent, and multiples of the page. The first answer is the first
  /// that fits from `start` on.
  AddressPool(std::vector<AddressRange> ranges, uint64_t start);

  /// `byte_length` contiguous bytes below `below`, a multiple of the page. Nothing when no free
  /// range is long enough.
  std::optional<uint64_t> allocate(uint64_t byte_length, uint64_t below = UINT64_MAX);

  /// Gives back exactly what `allocate` returned.
  void release(uint64_t address, uint64_t byte_length);

  /// Bytes of the pool that lie below `below`, free or not.
  uint64_t byte_length(uint64_t below = UINT64_MAX) const;

 private:
  using Ranges = std::map<uint64_t, uint64_t>;
  Ranges::iterator at_cursor();
  uint64_t take(Ranges::iterator range, uint64_t address, uint64_t byte_length);

  const std::vector<AddressRange> ranges_;
  uint64_t cursor_;
  Ranges free_;  ///< start -> length, never adjacent
};

}  // namespace pinlab
