#include "prbs31.h"

#include <array>
#include <cstddef>

namespace pinlab {
namespace {

constexpr uint32_t k31Bits = 0x7FFFFFFF;
constexpr uint64_t kPeriod = k31Bits;

/// A step is linear in the 31 bits of history: where each of them goes.
using Step = std::array<uint32_t, 31>;

uint32_t follow(const Step& step, uint32_t history) {
  uint32_t result = 0;
  for (size_t bit = 0; bit < step.size(); ++bit) {
    if ((history >> bit) & 1) result ^= step[bit];
  }
  return result;
}

uint32_t one_bit_on(uint32_t history) {
  const uint32_t bit = (history ^ (history >> 3)) & 1;
  return history >> 1 | bit << 30;
}

/// Steps of 1, 2, 4, ... 2^30 bits.
const std::array<Step, 31>& steps() {
  static const auto& table = *new auto([] {
    std::array<Step, 31> made{};
    for (uint32_t bit = 0; bit < 31; ++bit) made[0][bit] = one_bit_on(1u << bit);
    for (size_t power = 1; power < made.size(); ++power) {
      for (size_t bit = 0; bit < 31; ++bit) {
        made[power][bit] = follow(made[power - 1], made[power - 1][bit]);
      }
    }
    return made;
  }());
  return table;
}

}  // namespace

Prbs31::Prbs31(uint64_t seed, uint64_t first_bit) {
  const uint32_t low = static_cast<uint32_t>(seed) & k31Bits;
  const uint32_t start = low ? low : k31Bits;
  for (int i = 0; i < 31; ++i) {
    if ((start >> i) & 1) history_ |= 1u << (30 - i);
  }
  first_bit %= kPeriod;
  for (size_t power = 0; first_bit >> power != 0; ++power) {
    if ((first_bit >> power) & 1) history_ = follow(steps()[power], history_);
  }
}

}  // namespace pinlab
