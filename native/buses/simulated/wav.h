// Recordings that the ADC can play: RIFF/WAVE files with PCM or IEEE float samples.
//
// Source: Microsoft's "Multiple Channel Audio Data and WAVE Files" for WAVE_FORMAT_EXTENSIBLE.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../../core/result.h"

namespace pinlab::simulated {

/// A recording, its data bytes as they stand in the file: little-endian frames, channels side by
/// side.
struct Recording {
  uint32_t channels = 0;
  uint32_t bits_per_sample = 0;  ///< of the container: 8 (unsigned), 16, 24, 32 or 64 (float only)
  bool is_float = false;
  std::vector<uint8_t> bytes;  ///< whole frames, at least one

  uint32_t frame_byte_length() const { return channels * bits_per_sample / 8; }
};

/// Reads a whole file of at most 1 GiB into memory. Blocks; not for the event loop.
/// WD_INVALID_PARAMETER with a text that names the file and what is wrong with it.
Result<std::shared_ptr<const Recording>> read_wav(const std::string& path);

}  // namespace pinlab::simulated
