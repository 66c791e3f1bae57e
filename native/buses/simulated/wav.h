// RIFF/WAVE files with PCM or IEEE float samples.
//
// Source: Microsoft's "Multiple Channel Audio Data and WAVE Files" for WAVE_FORMAT_EXTENSIBLE.
#pragma once

#include <cstdint>
#include <vector>

#include "recording.h"

namespace pinlab::simulated {

/// Whether a file begins as a RIFF/WAVE file does.
bool is_wav(const std::vector<uint8_t>& file);

/// WD_INVALID_PARAMETER with half a sentence that says what is wrong with the file.
Result<Recording> parse_wav(const std::vector<uint8_t>& file);

}  // namespace pinlab::simulated
