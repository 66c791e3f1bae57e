#include "wav.h"

#include <cstring>
#include <optional>

namespace pinlab::simulated {
namespace {

constexpr uint16_t kPcm = 1;
constexpr uint16_t kFloat = 3;
constexpr uint16_t kExtensible = 0xFFFE;
/// What follows the format word in the subformat GUID of both PCM and float.
constexpr uint8_t kGuidTail[14] = {0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71};

uint32_t little_endian(const uint8_t* at, int byte_length) {
  uint32_t value = 0;
  for (int i = 0; i < byte_length; ++i) value |= uint32_t{at[i]} << (8 * i);
  return value;
}

struct Chunk {
  const uint8_t* bytes;
  uint64_t byte_length;
};

/// Parses the chunks of one file that is held in memory.
class Parser {
 public:
  explicit Parser(const std::vector<uint8_t>& file) : file_(file) {}

  Result<Recording> parse() {
    if (!is_wav(file_)) return invalid_parameter("is not a RIFF/WAVE file");
    if (auto found = find_chunks(); !found.ok()) return found.error();
    if (!format_) return invalid_parameter("has no fmt chunk");
    if (!data_) return invalid_parameter("has no data chunk");
    Recording recording;
    if (auto understood = read_format(recording); !understood.ok()) return understood.error();
    const uint64_t frame = recording.frame_byte_length();
    const uint64_t whole = data_->byte_length / frame * frame;
    if (whole == 0) return invalid_parameter("has an empty data chunk");
    recording.bytes.assign(data_->bytes, data_->bytes + whole);
    return recording;
  }

 private:
  bool is(const char* name, uint64_t at) const { return std::memcmp(&file_[at], name, 4) == 0; }

  Result<void> find_chunks() {
    for (uint64_t at = 12; at + 8 <= file_.size();) {
      const uint64_t byte_length = little_endian(&file_[at + 4], 4);
      const Chunk chunk{file_.data() + at + 8, byte_length};
      if (byte_length > file_.size() - at - 8) return invalid_parameter("is truncated");
      if (is("fmt ", at) && !format_) format_ = chunk;
      if (is("data", at) && !data_) data_ = chunk;
      at += 8 + byte_length + (byte_length & 1);  // chunks of odd length are padded
    }
    return {};
  }

  Result<void> read_format(Recording& recording) const {
    if (format_->byte_length < 16) return invalid_parameter("has a fmt chunk that is too short");
    const uint8_t* format = format_->bytes;
    uint32_t code = little_endian(format, 2);
    if (code == kExtensible) {
      if (format_->byte_length < 40 || std::memcmp(format + 26, kGuidTail, sizeof kGuidTail) != 0) {
        return invalid_parameter("has an extensible format that is neither PCM nor float");
      }
      code = little_endian(format + 24, 2);
    }
    recording.channels = little_endian(format + 2, 2);
    recording.is_float = code == kFloat;
    const uint32_t block_align = little_endian(format + 12, 2);
    const uint32_t bits = little_endian(format + 14, 2);
    // Samples of, say, 12 bits stand in containers of whole bytes.
    recording.bits_per_sample = (bits + 7) / 8 * 8;
    recording.is_signed = recording.bits_per_sample != 8;
    if (code != kPcm && code != kFloat)
      return invalid_parameter("is compressed; PCM or float is needed");
    return check(recording, block_align);
  }

  static Result<void> check(const Recording& recording, uint32_t block_align) {
    if (recording.channels == 0 || recording.channels > 64) {
      return invalid_parameter("has no channel or more than 64");
    }
    const uint32_t bits = recording.bits_per_sample;
    const bool known = recording.is_float ? bits == 32 || bits == 64
                                          : bits == 8 || bits == 16 || bits == 24 || bits == 32;
    if (!known) return invalid_parameter("has samples of an unknown size");
    if (block_align != recording.frame_byte_length()) {
      return invalid_parameter("contradicts itself about the size of a frame");
    }
    return {};
  }

  const std::vector<uint8_t>& file_;
  std::optional<Chunk> format_;
  std::optional<Chunk> data_;
};

}  // namespace

bool is_wav(const std::vector<uint8_t>& file) {
  return file.size() >= 12 && std::memcmp(file.data(), "RIFF", 4) == 0 &&
         std::memcmp(file.data() + 8, "WAVE", 4) == 0;
}

Result<Recording> parse_wav(const std::vector<uint8_t>& file) { return Parser(file).parse(); }

}  // namespace pinlab::simulated
