// The pseudo-random bits of x^31 + x^28 + 1, from any place of the stream.
#pragma once

#include <cstdint>

namespace pinlab {

/// b[n] = b[n-31] xor b[n-28]. The 31 bits before b[0] are the seed's low 31 bits, b[-1] the
/// lowest; all ones when those are 0. The stream repeats after 2^31 - 1 bits.
class Prbs31 {
 public:
  /// Begins at b[first_bit]. Takes the same short time wherever that is.
  explicit Prbs31(uint64_t seed, uint64_t first_bit = 0);

  /// The next 32 bits, the first one lowest.
  uint32_t next() {
    // 28 bits at a time, which is as far as the recurrence looks back.
    while (held_ < 32) {
      const uint64_t bits = (history_ ^ (history_ >> 3)) & 0x0FFFFFFF;
      ready_ |= bits << held_;
      held_ += 28;
      history_ = static_cast<uint32_t>((history_ >> 28) | (bits << 3)) & 0x7FFFFFFF;
    }
    const auto word = static_cast<uint32_t>(ready_);
    ready_ >>= 32;
    held_ -= 32;
    return word;
  }

 private:
  uint32_t history_ = 0;  ///< bit i is b[n - 31 + i]
  uint64_t ready_ = 0;
  int held_ = 0;
};

}  // namespace pinlab
