#include "checked_copy.h"

#include <cstring>

namespace pinlab {

bool stayed_whole(const RingSteps& steps, uint64_t before, uint64_t after) {
  const uint32_t width = steps.counter.width;
  const uint64_t mask = width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
  const uint64_t done_before = (before - steps.first) & mask;
  const uint64_t done_after = (after - steps.first) & mask;
  // The step after the last completed one is being filled, and `first` is filled again by the step
  // that many later. A counter of a board that is gone, all ones, is beyond that.
  return done_before >= steps.end - steps.first && done_before <= done_after &&
         done_after < steps.per_lap;
}

Result<bool> copy_checked(Card& card, const RingSteps& steps, const std::byte* from, std::byte* to,
                          uint64_t byte_length) {
  if (steps.end <= steps.first || steps.end - steps.first > steps.per_lap) {
    return invalid_parameter("the steps copied are at least one and at most a lap");
  }
  // Reads of registers are barriers on both sides.
  auto before = card.read_register(steps.counter);
  if (!before.ok()) return before.error();
  std::memcpy(to, from, byte_length);
  auto after = card.read_register(steps.counter);
  if (!after.ok()) return after.error();
  return stayed_whole(steps, before.value(), after.value());
}

}  // namespace pinlab
