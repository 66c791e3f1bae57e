// Projection of sample memory to a wave: per column the first, smallest, largest and last sample.
#pragma once

#include <cstddef>
#include <cstdint>

#include "samples.h"

namespace pinlab {

struct WaveRequest {
  const std::byte* bytes = nullptr;  ///< any alignment
  uint64_t byte_length = 0;
  SampleFormat format = SampleFormat::i16le;
  uint32_t channels = 1;  ///< side by side, each of the format's size
  uint64_t stride = 2;    ///< bytes between samples of one channel, at least channels * size
  uint32_t columns = 1;
};

/// Writes channels * columns * 4 floats: channel after channel, per column first, min, max, last.
/// The samples of a channel (those that are whole inside the memory) are split evenly: column c
/// shows the samples from floor(c * n / columns) up to the start of the next column, but at least
/// one; with fewer samples than columns neighbours repeat a sample. Without a sample everything is
/// NaN. NaN samples count as first and last but not for min and max, which are NaN only where a
/// column has no number. Pure; the device may write the memory meanwhile, then the wave may be
/// torn.
void project_wave(const WaveRequest& request, float* wave);

}  // namespace pinlab
