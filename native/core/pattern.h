// Test patterns that memory is filled with, reproducible by anyone from this description.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pinlab {

/// zero     all bits 0.
/// counter  u32 little-endian 0, 1, 2, ...; the seed is not used.
/// prbs31   the bit stream b[n] = b[n-31] xor b[n-28] (x^31 + x^28 + 1), packed lowest bit first.
/// The 31
///          bits before b[0] are the seed's low 31 bits, b[-1] the lowest; all ones when those are
///          0.
/// random   splitmix64: little-endian words, word i = mix(seed + (i + 1) * 0x9E3779B97F4A7C15)
/// where mix is
///          z ^= z >> 30, z *= 0xBF58476D1CE4E5B9, z ^= z >> 27, z *= 0x94D049BB133111EB, z ^= z
///          >> 31.
enum class Pattern { zero, counter, prbs31, random };

/// The pattern of that name; nothing for an unknown one.
std::optional<Pattern> pattern_of(std::string_view name);

/// Fills memory of any alignment. Takes about a second per GiB; not for the event loop.
void fill_pattern(std::byte* bytes, uint64_t byte_length, Pattern pattern, uint64_t seed);

}  // namespace pinlab
