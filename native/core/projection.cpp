#include "projection.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <type_traits>

// AVX2 where the machine has it. Not under the sanitizers: they cannot instrument the resolver.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(PINLAB_SANITIZE)
#define PINLAB_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define PINLAB_VECTOR_CLONES
#endif

namespace pinlab {
namespace {

static_assert(std::endian::native == std::endian::little, "big-endian hosts are not supported");

struct FormatEntry {
  std::string_view name;
  uint32_t byte_length;
};
constexpr FormatEntry kFormats[] = {{"i8", 1},    {"u8", 1},    {"i16le", 2}, {"i16be", 2},
                                    {"u16le", 2}, {"u16be", 2}, {"i32le", 4}, {"i32be", 4},
                                    {"u32le", 4}, {"u32be", 4}, {"f32le", 4}, {"f32be", 4},
                                    {"f64le", 8}, {"f64be", 8}};

template <class T>
T load(const std::byte* at, bool swap) {
  std::byte raw[sizeof(T)];
  std::memcpy(raw, at, sizeof raw);
  if (swap) std::reverse(std::begin(raw), std::end(raw));
  return std::bit_cast<T>(raw);
}

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
template <class T>
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
    std::memcpy(&low, bytes + at * sizeof(T), sizeof low);
    std::memcpy(&high, bytes + at * sizeof(T) + sizeof low, sizeof high);
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

/// One function for each type, because clones of a template's instances are not to be had.
#define PINLAB_SCAN(T)                                                                     \
  PINLAB_VECTOR_CLONES void scan(const std::byte* bytes, uint64_t count, T* min, T* max) { \
    scan_lanes(bytes, count, min, max);                                                    \
  }
PINLAB_SCAN(int8_t)
PINLAB_SCAN(uint8_t)
PINLAB_SCAN(int16_t)
PINLAB_SCAN(uint16_t)
PINLAB_SCAN(int32_t)
PINLAB_SCAN(uint32_t)
PINLAB_SCAN(float)
PINLAB_SCAN(double)
#undef PINLAB_SCAN

/// One request over samples of type T, in the byte order of the host or the other one.
template <class T, bool kSwap>
class Projector {
 public:
  explicit Projector(const WaveRequest& request)
      : request_(request), samples_(count_samples(request)) {}

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

  static uint64_t count_samples(const WaveRequest& request) {
    const uint64_t frame = uint64_t{request.channels} * sizeof(T);
    if (request.byte_length < frame) return 0;
    return (request.byte_length - frame) / request.stride + 1;
  }

  T sample(uint32_t channel, uint64_t index) const {
    return load<T>(request_.bytes + index * request_.stride + channel * sizeof(T), kSwap);
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
    if (kSwap || request_.stride != channels * sizeof(T) || kLanes % channels != 0) return;
    const uint64_t count = (end - begin) * channels / kLanes * kLanes;
    if (count == 0) return;
    scan(request_.bytes + begin * request_.stride, count, scanned.min, scanned.max);
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

template <class T, bool kSwap = false>
void project_as(const WaveRequest& request, float* wave) {
  Projector<T, kSwap>(request).project(wave);
}

}  // namespace

std::optional<SampleFormat> sample_format(std::string_view name) {
  for (size_t i = 0; i < std::size(kFormats); ++i) {
    if (kFormats[i].name == name) return static_cast<SampleFormat>(i);
  }
  return std::nullopt;
}

uint32_t sample_byte_length(SampleFormat format) {
  return kFormats[static_cast<size_t>(format)].byte_length;
}

void project_wave(const WaveRequest& request, float* wave) {
  switch (request.format) {
    case SampleFormat::i8: return project_as<int8_t>(request, wave);
    case SampleFormat::u8: return project_as<uint8_t>(request, wave);
    case SampleFormat::i16le: return project_as<int16_t>(request, wave);
    case SampleFormat::i16be: return project_as<int16_t, true>(request, wave);
    case SampleFormat::u16le: return project_as<uint16_t>(request, wave);
    case SampleFormat::u16be: return project_as<uint16_t, true>(request, wave);
    case SampleFormat::i32le: return project_as<int32_t>(request, wave);
    case SampleFormat::i32be: return project_as<int32_t, true>(request, wave);
    case SampleFormat::u32le: return project_as<uint32_t>(request, wave);
    case SampleFormat::u32be: return project_as<uint32_t, true>(request, wave);
    case SampleFormat::f32le: return project_as<float>(request, wave);
    case SampleFormat::f32be: return project_as<float, true>(request, wave);
    case SampleFormat::f64le: return project_as<double>(request, wave);
    case SampleFormat::f64be: return project_as<double, true>(request, wave);
  }
}

}  // namespace pinlab
