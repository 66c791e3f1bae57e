#include "projection.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "sample_lanes.h"
#include "vector_clones.h"

namespace pinlab {
namespace {

template <class T>
struct Extremes {
  static constexpr T lowest() {
    return std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity()
                                       : std::numeric_limits<T>::lowest();
  }
  static constexpr T highest() {
    return std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity()
                                       : std::numeric_limits<T>::max();
  }
  T min = highest();
  T max = lowest();
  bool any = false;  ///< saw a number

  void add(T sample) {
    // In this order a NaN changes nothing.
    min = sample < min ? sample : min;
    max = sample > max ? sample : max;
    any = any || sample == sample;
  }
};

/// Smallest and largest of `count` samples that lie next to one another, lane by lane: `lanes`
/// results, lane i over the samples i, i + lanes, ... `count` is a multiple of 64 / sizeof(T).
/// Written so that the compiler makes vector instructions of it: independent accumulators, no
/// branch. The comparisons ignore NaN as `Extremes` does.
template <class T, bool kSwap>
inline __attribute__((always_inline)) void scan_lanes(const std::byte* bytes, uint64_t count,
                                                      T* min, T* max) {
  typedef T Vector __attribute__((vector_size(32)));
  constexpr uint64_t kLanes = 64 / sizeof(T);
  Vector min_low, min_high, max_low, max_high;
  for (uint64_t i = 0; i < kLanes / 2; ++i) {
    min_low[i] = min_high[i] = Extremes<T>::highest();
    max_low[i] = max_high[i] = Extremes<T>::lowest();
  }
  for (uint64_t at = 0; at < count; at += kLanes) {
    Vector low, high;
    load_lanes<T, kSwap>(low, bytes + at * sizeof(T));
    load_lanes<T, kSwap>(high, bytes + at * sizeof(T) + sizeof low);
    min_low = low < min_low ? low : min_low;
    min_high = high < min_high ? high : min_high;
    max_low = low > max_low ? low : max_low;
    max_high = high > max_high ? high : max_high;
  }
  std::memcpy(min, &min_low, sizeof min_low);
  std::memcpy(min + kLanes / 2, &min_high, sizeof min_high);
  std::memcpy(max, &max_low, sizeof max_low);
  std::memcpy(max + kLanes / 2, &max_high, sizeof max_high);
}

/// One function for each type and order, because clones of a template's instances are not to be
/// had.
#define PINLAB_SCAN(T, Order)                                                                  \
  PINLAB_VECTOR_CLONES void scan(Order, const std::byte* bytes, uint64_t count, T* min, T* max) { \
    scan_lanes<T, Order::value>(bytes, count, min, max);                                       \
  }
PINLAB_SCAN(int8_t, Plain)
PINLAB_SCAN(uint8_t, Plain)
PINLAB_SCAN(int16_t, Plain)
PINLAB_SCAN(int16_t, Swapped)
PINLAB_SCAN(uint16_t, Plain)
PINLAB_SCAN(uint16_t, Swapped)
PINLAB_SCAN(int32_t, Plain)
PINLAB_SCAN(int32_t, Swapped)
PINLAB_SCAN(uint32_t, Plain)
PINLAB_SCAN(uint32_t, Swapped)
PINLAB_SCAN(float, Plain)
PINLAB_SCAN(float, Swapped)
PINLAB_SCAN(double, Plain)
PINLAB_SCAN(double, Swapped)
#undef PINLAB_SCAN

/// One request over samples of type T, in the byte order of the host or the other one.
template <class T, bool kSwap>
class Projector {
 public:
  explicit Projector(const WaveRequest& request)
      : request_(request), samples_(sample_count(request.byte_length, uint64_t{request.channels} * sizeof(T),
                                          request.stride)) {}

  void project(float* wave) const {
    if (samples_ == 0) {
      std::fill_n(wave, uint64_t{request_.channels} * request_.columns * 4, kNone);
      return;
    }
    for (uint32_t column = 0; column < request_.columns; ++column) {
      project_column(column, wave + uint64_t{column} * 4);
    }
  }

 private:
  static constexpr uint64_t kLanes = 64 / sizeof(T);
  static constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

  /// What a scan over all channels of a column found, and where the rest of the column begins.
  struct Scanned {
    T min[kLanes] = {};
    T max[kLanes] = {};
    uint64_t end;
  };

  T sample(uint32_t channel, uint64_t index) const {
    return load_sample<T>(request_.bytes + index * request_.stride + channel * sizeof(T), kSwap);
  }

  uint64_t start_of(uint32_t column) const {
    const auto position = static_cast<unsigned __int128>(column) * samples_;
    return static_cast<uint64_t>(position / request_.columns);
  }

  /// `wave`: where the column of the first channel goes.
  void project_column(uint32_t column, float* wave) const {
    const uint64_t begin = start_of(column);
    const uint64_t end = std::max(begin + 1, start_of(column + 1));
    Scanned scanned;
    scan_column(begin, end, scanned);
    for (uint32_t channel = 0; channel < request_.channels; ++channel) {
      Extremes<T> extremes;
      if (scanned.end > begin) fold(scanned, channel, extremes);
      for (uint64_t i = scanned.end; i < end; ++i) extremes.add(sample(channel, i));
      wave[0] = static_cast<float>(sample(channel, begin));
      wave[1] = extremes.any ? static_cast<float>(extremes.min) : kNone;
      wave[2] = extremes.any ? static_cast<float>(extremes.max) : kNone;
      wave[3] = static_cast<float>(sample(channel, end - 1));
      wave += uint64_t{request_.columns} * 4;
    }
  }

  /// Scans what of a column can be taken in vectors: where the channels lie dense and share the
  /// lanes evenly.
  void scan_column(uint64_t begin, uint64_t end, Scanned& scanned) const {
    const uint32_t channels = request_.channels;
    scanned.end = begin;
    if (request_.stride != channels * sizeof(T) || kLanes % channels != 0) return;
    const uint64_t count = (end - begin) * channels / kLanes * kLanes;
    if (count == 0) return;
    scan(std::bool_constant<kSwap>{}, request_.bytes + begin * request_.stride, count,
         scanned.min, scanned.max);
    scanned.end = begin + count / channels;
  }

  void fold(const Scanned& scanned, uint32_t channel, Extremes<T>& extremes) const {
    for (uint64_t lane = channel; lane < kLanes; lane += request_.channels) {
      if (scanned.min[lane] > scanned.max[lane]) continue;  // nothing but NaN in this lane
      extremes.add(scanned.min[lane]);
      extremes.add(scanned.max[lane]);
    }
  }

  const WaveRequest& request_;
  const uint64_t samples_;
};

}  // namespace

void project_wave(const WaveRequest& request, float* wave) {
  with_sample_type(request.format, [&]<class T, bool kSwap>() {
    Projector<T, kSwap>(request).project(wave);
  });
}

}  // namespace pinlab
