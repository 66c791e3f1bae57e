// Samples as they lie in memory: their formats, and how one is read.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <string_view>

namespace pinlab {

static_assert(std::endian::native == std::endian::little, "big-endian hosts are not supported");

enum class SampleFormat {
  i8,
  u8,
  i16le,
  i16be,
  u16le,
  u16be,
  i32le,
  i32be,
  u32le,
  u32be,
  f32le,
  f32be,
  f64le,
  f64be
};

/// The format of that name, e.g. `i16le`; nothing for an unknown one.
std::optional<SampleFormat> sample_format(std::string_view name);
/// Bytes of one sample.
uint32_t sample_byte_length(SampleFormat format);

/// How many samples of a channel lie whole in so many bytes, which begin at its first one.
uint64_t sample_count(uint64_t byte_length, uint64_t sample_byte_length, uint64_t stride);

/// The sample at any alignment; `swap`: its bytes are in the other order than the host's.
template <class T>
T load_sample(const std::byte* at, bool swap) {
  std::byte raw[sizeof(T)];
  std::memcpy(raw, at, sizeof raw);
  if (swap) std::reverse(std::begin(raw), std::end(raw));
  return std::bit_cast<T>(raw);
}

/// Calls `use.template operator()<T, kSwap>()` with the format's type and whether its bytes are in
/// the other order.
template <class Use>
void with_sample_type(SampleFormat format, Use&& use) {
  switch (format) {
    case SampleFormat::i8: return use.template operator()<int8_t, false>();
    case SampleFormat::u8: return use.template operator()<uint8_t, false>();
    case SampleFormat::i16le: return use.template operator()<int16_t, false>();
    case SampleFormat::i16be: return use.template operator()<int16_t, true>();
    case SampleFormat::u16le: return use.template operator()<uint16_t, false>();
    case SampleFormat::u16be: return use.template operator()<uint16_t, true>();
    case SampleFormat::i32le: return use.template operator()<int32_t, false>();
    case SampleFormat::i32be: return use.template operator()<int32_t, true>();
    case SampleFormat::u32le: return use.template operator()<uint32_t, false>();
    case SampleFormat::u32be: return use.template operator()<uint32_t, true>();
    case SampleFormat::f32le: return use.template operator()<float, false>();
    case SampleFormat::f32be: return use.template operator()<float, true>();
    case SampleFormat::f64le: return use.template operator()<double, false>();
    case SampleFormat::f64be: return use.template operator()<double, true>();
  }
}

}  // namespace pinlab
