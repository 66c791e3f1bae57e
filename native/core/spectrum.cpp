#include "spectrum.h"

#include <pffft.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <mutex>
#include <numbers>
#include <type_traits>
#include <vector>

namespace pinlab {
namespace {

// PFFFT wants its buffers aligned for the vector unit.
static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ >= 16);

constexpr double kLoudest = 0x1p60;

/// What every spectrum of one size shares. Only read once it is made.
struct Plan {
  explicit Plan(uint32_t size)
      : setup(pffft_new_setup(static_cast<int>(size), PFFFT_REAL)), window(size) {
    for (uint32_t i = 0; i < size; ++i) {
      window[i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / size));
    }
  }
  PFFFT_Setup* setup;
  std::vector<float> window;
};

/// Never destroyed: a worker may still be at it when the process exits.
const Plan& plan_for(uint32_t size) {
  static std::mutex mutex;
  static std::array<const Plan*, 32> plans{};  // by the size's power of two
  std::lock_guard guard(mutex);
  const Plan*& plan = plans[std::countr_zero(size)];
  if (!plan) plan = new Plan(size);
  return *plan;
}

/// In parts of full scale.
template <class T>
double scaled(T sample) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::isfinite(sample) ? std::clamp(double{sample}, -kLoudest, kLoudest) : 0;
  } else {
    constexpr double kFullScale = uint64_t{1} << (8 * sizeof(T) - 1);
    return sample / kFullScale - (std::is_unsigned_v<T> ? 1 : 0);
  }
}

void load_windowed(const SpectrumRequest& request, const std::vector<float>& window,
                   float* samples) {
  with_sample_type(request.format, [&]<class T, bool kSwap>() {
    const std::byte* at = request.bytes;
    for (uint32_t i = 0; i < request.size; ++i, at += request.stride) {
      samples[i] = static_cast<float>(scaled(load_sample<T>(at, kSwap)) * window[i]);
    }
  });
}

/// `amplitude`: of a sine, in parts of full scale, where the transform is 1.
float level(double real, double imaginary, double amplitude) {
  const double power = (real * real + imaginary * imaginary) * amplitude * amplitude;
  return std::max(kLowestLevel, static_cast<float>(10 * std::log10(power)));
}

}  // namespace

bool is_spectrum_size(uint64_t size) {
  return size >= kMinSpectrumSize && size <= kMaxSpectrumSize && std::has_single_bit(size);
}

void project_spectrum(const SpectrumRequest& request, float* levels) {
  const Plan& plan = plan_for(request.size);
  std::vector<float> bins(request.size);
  std::vector<float> work(request.size);
  load_windowed(request, plan.window, bins.data());
  pffft_transform_ordered(plan.setup, bins.data(), bins.data(), work.data(), PFFFT_FORWARD);
  // The mean of a Hann window is 1/2. Real and imaginary parts follow each other; the first pair
  // is the first and the last bin, which are real.
  const uint32_t last = request.size / 2;
  const double constant = 2.0 / request.size;
  levels[0] = level(bins[0], 0, constant);
  levels[last] = level(bins[1], 0, constant);
  for (uint32_t bin = 1; bin < last; ++bin) {
    levels[bin] = level(bins[2 * bin], bins[2 * bin + 1], 2 * constant);
  }
}

}  // namespace pinlab
