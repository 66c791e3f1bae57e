// NumPy's .npy files: one array of numbers.
//
// Source: NumPy's "A simple file format for NumPy arrays" (NEP 1), versions 1.0, 2.0 and 3.0.
#pragma once

#include <cstdint>
#include <vector>

#include "recording.h"

namespace pinlab::simulated {

/// Whether a file begins as a .npy file does.
bool is_npy(const std::vector<uint8_t>& file);

/// An array of shape (frames,) or (frames, channels) in C order, of little-endian integers of 8, 16
/// or 32 bits or floats of 32 or 64. WD_INVALID_PARAMETER with half a sentence that says what is
/// wrong with the file.
Result<Recording> parse_npy(const std::vector<uint8_t>& file);

}  // namespace pinlab::simulated
