#include "pattern.h"

#include <algorithm>
#include <cstring>

#include "prbs31.h"

namespace pinlab {
namespace {

/// Writes `word(i)` for i = 0, 1, ... as little-endian words, the last one cut.
template <class Word, class Next>
void fill_words(std::byte* bytes, uint64_t byte_length, Next next) {
  const uint64_t whole = byte_length / sizeof(Word);
  for (uint64_t i = 0; i < whole; ++i) {
    const Word word = next(i);
    std::memcpy(bytes + i * sizeof(Word), &word, sizeof word);
  }
  const Word last = next(whole);
  std::memcpy(bytes + whole * sizeof(Word), &last, byte_length % sizeof(Word));
}

uint64_t splitmix(uint64_t seed, uint64_t index) {
  uint64_t word = seed + (index + 1) * 0x9E3779B97F4A7C15;
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
  return word ^ (word >> 31);
}

}  // namespace

std::optional<Pattern> pattern_of(std::string_view name) {
  if (name == "zero") return Pattern::zero;
  if (name == "counter") return Pattern::counter;
  if (name == "prbs31") return Pattern::prbs31;
  if (name == "random") return Pattern::random;
  return std::nullopt;
}

void fill_pattern(std::byte* bytes, uint64_t byte_length, Pattern pattern, uint64_t seed) {
  switch (pattern) {
    case Pattern::zero: std::memset(bytes, 0, byte_length); return;
    case Pattern::counter:
      fill_words<uint32_t>(bytes, byte_length, [](uint64_t i) { return static_cast<uint32_t>(i); });
      return;
    case Pattern::prbs31: {
      Prbs31 stream(seed);
      fill_words<uint32_t>(bytes, byte_length, [&](uint64_t) { return stream.next(); });
      return;
    }
    case Pattern::random:
      fill_words<uint64_t>(bytes, byte_length, [&](uint64_t i) { return splitmix(seed, i); });
  }
}

}  // namespace pinlab
