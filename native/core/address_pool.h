// Device addresses: hands out ranges of an I/O address space and takes them back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace pinlab {

/// One window of device addresses, in whole pages. Not thread-safe: its owner serialises.
/// Address 0 must not be in the window. Reuse is delayed by going round the window (next fit), so
/// that a stale address is a fault rather than somebody else's memory for as long as possible.
class AddressPool {
 public:
  /// Window [begin, end), multiples of the page.
  AddressPool(uint64_t begin, uint64_t end);

  /// `byte_length` contiguous bytes below `below`, a multiple of the page. Nothing when no free
  /// range is long enough.
  std::optional<uint64_t> allocate(uint64_t byte_length, uint64_t below = UINT64_MAX);

  /// Gives back exactly what `allocate` returned.
  void release(uint64_t address, uint64_t byte_length);

  /// True when `address` is inside the window.
  bool owns(uint64_t address) const { return address >= begin_ && address < end_; }

  /// Bytes of the window that lie below `below`, and of the whole window those that are free.
  uint64_t byte_length(uint64_t below = UINT64_MAX) const {
    return below <= begin_ ? 0 : (below < end_ ? below : end_) - begin_;
  }
  uint64_t free_byte_length() const { return free_byte_length_; }

 private:
  using Ranges = std::map<uint64_t, uint64_t>;
  uint64_t take(Ranges::iterator range, uint64_t address, uint64_t byte_length);

  uint64_t begin_;
  uint64_t end_;
  uint64_t free_byte_length_;
  uint64_t cursor_;  ///< where the newest range ends; may lie within a free one
  Ranges free_;  ///< start -> length, never adjacent
};

}  // namespace pinlab
