#include "samples.h"

namespace pinlab {
namespace {

struct FormatEntry {
  std::string_view name;
  uint32_t byte_length;
};
constexpr FormatEntry kFormats[] = {{"i8", 1},    {"u8", 1},    {"i16le", 2}, {"i16be", 2},
                                    {"u16le", 2}, {"u16be", 2}, {"i32le", 4}, {"i32be", 4},
                                    {"u32le", 4}, {"u32be", 4}, {"f32le", 4}, {"f32be", 4},
                                    {"f64le", 8}, {"f64be", 8}};

}  // namespace

std::optional<SampleFormat> sample_format(std::string_view name) {
  for (size_t i = 0; i < std::size(kFormats); ++i) {
    if (kFormats[i].name == name) return static_cast<SampleFormat>(i);
  }
  return std::nullopt;
}

uint32_t sample_byte_length(SampleFormat format) {
  return kFormats[static_cast<size_t>(format)].byte_length;
}

uint64_t sample_count(uint64_t byte_length, uint64_t sample_byte_length, uint64_t stride) {
  if (byte_length < sample_byte_length) return 0;
  return (byte_length - sample_byte_length) / stride + 1;
}

}  // namespace pinlab
