#include "npy.h"

#include <cstring>
#include <optional>
#include <string_view>

namespace pinlab::simulated {
namespace {

constexpr uint8_t kNumpyMagic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
constexpr size_t kVersionAt = sizeof kNumpyMagic;

/// The header is a Python dictionary of three entries; this reads as much of Python as NumPy writes.
class Header {
 public:
  explicit Header(std::string_view text) : text_(text) {}

  /// What stands behind `'key':`, without spaces before it; empty where there is no such key.
  std::string_view after(std::string_view key) const {
    for (const char quote : {'\'', '"'}) {
      const std::string quoted = quote + std::string(key) + quote;
      const size_t at = text_.find(quoted);
      if (at == text_.npos) continue;
      const auto rest = skip_spaces(text_.substr(at + quoted.size()));
      if (!rest.empty() && rest[0] == ':') return skip_spaces(rest.substr(1));
    }
    return {};
  }

  /// The text of a string value; nothing for any other value, such as the list of a structure.
  static std::optional<std::string_view> string_at(std::string_view value) {
    if (value.empty() || (value[0] != '\'' && value[0] != '"')) return std::nullopt;
    const size_t end = value.find(value[0], 1);
    if (end == value.npos) return std::nullopt;
    return value.substr(1, end - 1);
  }

  /// The numbers of a tuple; nothing where it is none, or has a number beyond 2^53.
  static std::optional<std::vector<uint64_t>> tuple_at(std::string_view value) {
    if (value.empty() || value[0] != '(') return std::nullopt;
    std::vector<uint64_t> numbers;
    bool in_number = false;
    for (const char letter : value.substr(1)) {
      if (letter == ')') return numbers;
      if (letter >= '0' && letter <= '9') {
        if (!in_number) numbers.push_back(0);
        numbers.back() = numbers.back() * 10 + static_cast<uint64_t>(letter - '0');
        if (numbers.back() > 1ull << 53) return std::nullopt;
      } else if (letter != ',' && letter != ' ') {
        return std::nullopt;
      }
      in_number = letter >= '0' && letter <= '9';
    }
    return std::nullopt;
  }

 private:
  static std::string_view skip_spaces(std::string_view text) {
    const size_t at = text.find_first_not_of(" \n");
    return at == text.npos ? std::string_view{} : text.substr(at);
  }

  std::string_view text_;
};

Result<FrameFormat> read_type(std::string_view value) {
  const auto type = Header::string_at(value);
  if (!type) return invalid_parameter("has no plain type of numbers");
  struct Named {
    std::string_view type, format;
  };
  static constexpr Named kNamed[] = {
      {"|i1", "i8"},    {"|u1", "u8"},    {"<i2", "i16le"}, {"<u2", "u16le"}, {"<i4", "i32le"},
      {"<u4", "u32le"}, {"<f4", "f32le"}, {"<f8", "f64le"}, {"<i1", "i8"},    {"<u1", "u8"},
  };
  for (const Named& one : kNamed) {
    if (one.type == *type) return *frame_format_of(one.format, 1);
  }
  return invalid_parameter("is of type " + std::string(*type) +
                           "; little-endian integers of 8, 16 or 32 bits or floats are needed");
}

/// Fills in the channels; answers how many frames there are.
Result<uint64_t> read_shape(std::string_view value, FrameFormat& format) {
  const auto shape = Header::tuple_at(value);
  if (!shape) return invalid_parameter("has no shape");
  if (shape->size() != 1 && shape->size() != 2) {
    return invalid_parameter("has " + std::to_string(shape->size()) +
                             " dimensions; (frames,) or (frames, channels) is needed");
  }
  const uint64_t channels = shape->size() == 2 ? (*shape)[1] : 1;
  if (channels == 0 || channels > kMaxRecordingChannels) {
    return invalid_parameter("has no channel or more than 64");
  }
  format.channels = static_cast<uint32_t>(channels);
  if ((*shape)[0] == 0) return invalid_parameter("has no frame");
  return (*shape)[0];
}

}  // namespace

bool is_npy(const std::vector<uint8_t>& file) {
  return file.size() >= sizeof kNumpyMagic && std::memcmp(file.data(), kNumpyMagic, sizeof kNumpyMagic) == 0;
}

Result<Recording> parse_npy(const std::vector<uint8_t>& file) {
  if (file.size() < kVersionAt + 4) return invalid_parameter("is truncated");
  const uint8_t version = file[kVersionAt];
  if (version < 1 || version > 3) {
    return invalid_parameter("is of .npy version " + std::to_string(version) + "; 1 to 3 are known");
  }
  // Version 1 has two bytes for the header's length, the others have four.
  const size_t text_at = kVersionAt + (version == 1 ? 4 : 6);
  if (file.size() < text_at) return invalid_parameter("is truncated");
  uint64_t text_length = 0;
  for (size_t at = text_at; at-- > kVersionAt + 2;) text_length = text_length << 8 | file[at];
  if (text_length > file.size() - text_at) return invalid_parameter("is truncated in its header");

  const Header header({reinterpret_cast<const char*>(file.data()) + text_at, text_length});
  auto format = read_type(header.after("descr"));
  if (!format.ok()) return format.error();
  if (header.after("fortran_order").substr(0, 5) != "False") {
    return invalid_parameter("is in Fortran order; C order is needed");
  }
  auto frames = read_shape(header.after("shape"), format.value());
  if (!frames.ok()) return frames.error();

  Recording recording;
  static_cast<FrameFormat&>(recording) = format.value();
  const uint64_t held = file.size() - text_at - text_length;
  // Compared by division: the product of what a header claims may not fit in 64 bits.
  if (frames.value() > held / recording.frame_byte_length()) {
    return invalid_parameter("is truncated in its data");
  }
  const uint8_t* data = file.data() + text_at + text_length;
  recording.bytes.assign(data, data + frames.value() * recording.frame_byte_length());
  return recording;
}

}  // namespace pinlab::simulated
