// Samples that lie next to one another, read many at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace pinlab {

/// Eight, 16, 32 or 64 bits that a vector operation treats as one number.
template <size_t kByteLength>
using Word = std::conditional_t<
    kByteLength == 1, uint8_t,
    std::conditional_t<kByteLength == 2, uint16_t,
                       std::conditional_t<kByteLength == 4, uint32_t, uint64_t>>>;

/// A vector of T whose lanes lie in memory, their bytes in the other order where `kSwap`. Shifts
/// instead of a shuffle, because every instruction set has them.
template <class T, bool kSwap, class Vector>
inline __attribute__((always_inline)) void load_lanes(Vector& lanes, const std::byte* at) {
  typedef Word<sizeof(T)> Words __attribute__((vector_size(sizeof(Vector))));
  constexpr auto kAll = static_cast<Word<sizeof(T)>>(-1);
  Words words;
  std::memcpy(&words, at, sizeof words);
  if constexpr (kSwap) {
    constexpr auto kBytes = static_cast<Word<sizeof(T)>>(kAll / 0xffff * 0xff);
    words = (words >> 8 & kBytes) | (words & kBytes) << 8;
    if constexpr (sizeof(T) >= 4) {
      constexpr auto kPairs = static_cast<Word<sizeof(T)>>(kAll / 0xffffffff * 0xffff);
      words = (words >> 16 & kPairs) | (words & kPairs) << 16;
    }
    if constexpr (sizeof(T) == 8) words = words >> 32 | words << 32;
  }
  std::memcpy(&lanes, &words, sizeof lanes);
}

/// A format's byte order, for functions that cannot be templates because they are compiled twice.
using Swapped = std::true_type;
using Plain = std::false_type;

}  // namespace pinlab
