#include "statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pinlab {
namespace {

constexpr uint64_t kSamplesAtOnce = 4096;

struct SampleSums {
  uint64_t count = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  double sum = 0;
  double squares = 0;

  void add(double sample) {
    const bool is_number = sample == sample;
    const double value = is_number ? sample : 0;
    count += is_number;
    sum += value;
    squares += value * value;
    // In this order a NaN changes nothing.
    min = sample < min ? sample : min;
    max = sample > max ? sample : max;
  }

  void join(const SampleSums& other) {
    count += other.count;
    sum += other.sum;
    squares += other.squares;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
  }

  void write(double* to) const {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    const auto numbers = static_cast<double>(count);
    to[0] = numbers;
    to[1] = count ? min : kNone;
    to[2] = count ? max : kNone;
    to[3] = count ? sum / numbers : kNone;
    to[4] = count ? std::sqrt(squares / numbers) : kNone;
  }
};

/// Four at once: one sum would wait for the addition before it with every sample.
template <class T, bool kSwap>
SampleSums sum_piece(const std::byte* at, uint64_t count, uint64_t stride) {
  constexpr uint64_t kSumLanes = 4;
  SampleSums lanes[kSumLanes];
  uint64_t i = 0;
  for (; i + kSumLanes <= count; i += kSumLanes) {
    for (SampleSums& lane : lanes) {
      lane.add(static_cast<double>(load_sample<T>(at, kSwap)));
      at += stride;
    }
  }
  for (; i < count; ++i, at += stride) lanes[0].add(static_cast<double>(load_sample<T>(at, kSwap)));
  for (uint64_t lane = 1; lane < kSumLanes; ++lane) lanes[0].join(lanes[lane]);
  return lanes[0];
}

}  // namespace

void project_statistics(const StatisticsRequest& request, double* statistics) {
  with_sample_type(request.format, [&]<class T, bool kSwap>() {
    const uint64_t samples =
        sample_count(request.byte_length, uint64_t{request.channels} * sizeof(T), request.stride);
    for (uint32_t channel = 0; channel < request.channels; ++channel) {
      const std::byte* first = request.bytes + channel * sizeof(T);
      SampleSums all;
      for (uint64_t done = 0; done < samples; done += kSamplesAtOnce) {
        const uint64_t count = std::min(kSamplesAtOnce, samples - done);
        all.join(sum_piece<T, kSwap>(first + done * request.stride, count, request.stride));
      }
      all.write(statistics + uint64_t{channel} * kStatisticsPerChannel);
    }
  });
}

}  // namespace pinlab
