// Recordings that the ADC can play, from files.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../../core/result.h"

namespace pinlab::simulated {

/// Channels a recording may have.
inline constexpr uint32_t kMaxRecordingChannels = 64;

/// What a frame is made of: little-endian samples, channels side by side.
struct FrameFormat {
  uint32_t channels = 0;         ///< 1 to kMaxRecordingChannels
  uint32_t bits_per_sample = 0;  ///< of the container: 8, 16, 24, 32 or 64 (float only)
  bool is_float = false;
  bool is_signed = true;  ///< of integers

  uint32_t frame_byte_length() const { return channels * bits_per_sample / 8; }
  /// Integers of the less usual kind: signed of 8 bits, unsigned of more.
  bool is_swapped_sign() const { return !is_float && is_signed == (bits_per_sample == 8); }
};

/// A recording, its data bytes as they stand in the file.
struct Recording : FrameFormat {
  std::vector<uint8_t> bytes;  ///< whole frames, at least one
};

/// The format of that name, e.g. `i16le`, for so many channels. Nothing for a name that is not
/// little-endian or unknown.
std::optional<FrameFormat> frame_format_of(std::string_view name, uint32_t channels);

/// Where a recording is. `raw`: the file has no header and is made of such frames; otherwise it is a
/// WAV or a .npy file, told by its first bytes.
struct RecordingFile {
  std::string path;
  std::optional<FrameFormat> raw;
};

/// Reads a whole file of at most 1 GiB into memory. Blocks; not for the event loop.
/// WD_INVALID_PARAMETER with a text that names the file and what is wrong with it.
Result<std::shared_ptr<const Recording>> read_recording(const RecordingFile& file);

}  // namespace pinlab::simulated
