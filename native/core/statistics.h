// Statistics of samples in memory: what cursors on a wave read between them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "samples.h"

namespace pinlab {

struct StatisticsRequest {
  const std::byte* bytes = nullptr;  ///< any alignment
  uint64_t byte_length = 0;
  SampleFormat format = SampleFormat::i16le;
  uint32_t channels = 1;  ///< side by side, each of the format's size
  uint64_t stride = 2;    ///< bytes between samples of one channel, at least channels * size
};

/// Doubles that `project_statistics` writes for each channel.
inline constexpr uint32_t kStatisticsPerChannel = 5;

/// Writes, channel after channel, how many samples there are, the smallest, the largest, the mean
/// and the root of the mean square, in counts. Samples that are no number are left out of all five;
/// without any other, count is 0 and the rest NaN. Sums are taken in double precision over pieces
/// of some thousand samples, so that millions of them do not lose the small ones. Pure; the device
/// may write the memory meanwhile, then the figures may be of a torn picture.
void project_statistics(const StatisticsRequest& request, double* statistics);

}  // namespace pinlab
