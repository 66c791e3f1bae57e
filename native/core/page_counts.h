// How many locks need each page of a range of memory, kept by ranges of equal count.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>

namespace pinlab {

/// Not thread-safe: its owner serialises. Addresses are multiples of the page.
class PageCounts {
 public:
  /// One more for [begin, end).
  void add(uint64_t begin, uint64_t end);

  /// One less for [begin, end), each part of which `add` was called for. `unneeded(begin, end)` is
  /// called for each range whose count has become 0.
  template <class Unneeded>
  void remove(uint64_t begin, uint64_t end, Unneeded unneeded) {
    const auto last = split(end);
    for (auto at = split(begin); at != last; ++at) {
      if (--at->second == 0) unneeded(at->first, std::next(at)->first);
    }
    merge(counts_.find(begin), end);
  }

  /// Calls `unneeded(begin, end)` for each part of [begin, end) whose count is 0.
  template <class Unneeded>
  void each_unneeded(uint64_t begin, uint64_t end, Unneeded unneeded) {
    const auto last = split(end);
    for (auto at = split(begin); at != last; ++at) {
      if (at->second == 0) unneeded(at->first, std::next(at)->first);
    }
    merge(counts_.find(begin), end);
  }

  /// Whether any page of [begin, end) has a count above 0.
  bool any(uint64_t begin, uint64_t end) const;

 private:
  using Counts = std::map<uint64_t, uint32_t>;
  Counts::iterator split(uint64_t at);
  void merge(Counts::iterator from, uint64_t to);

  /// Start of a range -> locks that need it, up to the next start. Below the first start: 0.
  Counts counts_;
};

}  // namespace pinlab
