#include "page_counts.h"

namespace pinlab {

void PageCounts::add(uint64_t begin, uint64_t end) {
  const auto last = split(end);
  for (auto at = split(begin); at != last; ++at) ++at->second;
  merge(counts_.find(begin), end);
}

bool PageCounts::any(uint64_t begin, uint64_t end) const {
  auto at = counts_.upper_bound(begin);
  if (at != counts_.begin() && std::prev(at)->second > 0) return true;
  for (; at != counts_.end() && at->first < end; ++at) {
    if (at->second > 0) return true;
  }
  return false;
}

/// Makes `at` the start of a range and returns it.
PageCounts::Counts::iterator PageCounts::split(uint64_t at) {
  const auto next = counts_.lower_bound(at);
  if (next != counts_.end() && next->first == at) return next;
  const uint32_t count = next == counts_.begin() ? 0 : std::prev(next)->second;
  return counts_.emplace_hint(next, at, count);
}

/// Drops starts in [from, to] that do not change the count.
void PageCounts::merge(Counts::iterator from, uint64_t to) {
  while (from != counts_.end() && from->first <= to) {
    const uint32_t before = from == counts_.begin() ? 0 : std::prev(from)->second;
    from = from->second == before ? counts_.erase(from) : std::next(from);
  }
}

}  // namespace pinlab
