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

/// In the order of SpectrumWindow. The terms are those that are published under these names; they
/// take turns in sign.
struct WindowEntry {
  std::string_view name;
  std::array<double, 5> terms;
};
constexpr WindowEntry kWeightings[] = {
    {"rectangular", {1}},
    {"hann", {0.5, 0.5}},
    {"blackmanHarris", {0.35875, 0.48829, 0.14128, 0.01168}},
    {"flatTop", {0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368}},
};

/// A window of one size. Its mean is its first term: the cosines go round a whole number of times.
struct Weights {
  Weights(uint32_t size, const WindowEntry& window) : mean(window.terms[0]), of(size) {
    for (uint32_t i = 0; i < size; ++i) {
      double weight = 0;
      for (size_t term = 0; term < window.terms.size(); ++term) {
        const double turns = 2 * std::numbers::pi * i * term / size;
        weight += (term % 2 == 0 ? 1 : -1) * window.terms[term] * std::cos(turns);
      }
      of[i] = static_cast<float>(weight);
    }
  }
  double mean;
  std::vector<float> of;
};

/// What spectra of one size share. Only read once it is made.
struct Plan {
  PFFFT_Setup* setup = nullptr;
  std::array<const Weights*, std::size(kWeightings)> weights{};
};

/// With the weights of the window. Never destroyed: a worker may still be at it when the process
/// exits.
Plan plan_for(uint32_t size, SpectrumWindow window) {
  static std::mutex mutex;
  static std::array<Plan, 32> plans{};  // by the size's power of two
  std::lock_guard guard(mutex);
  Plan& plan = plans[std::countr_zero(size)];
  if (!plan.setup) plan.setup = pffft_new_setup(static_cast<int>(size), PFFFT_REAL);
  const auto index = static_cast<size_t>(window);
  if (!plan.weights[index]) plan.weights[index] = new Weights(size, kWeightings[index]);
  return plan;
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

void load_weighted(const SpectrumRequest& request, const std::vector<float>& weights,
                   float* samples) {
  with_sample_type(request.format, [&]<class T, bool kSwap>() {
    const std::byte* at = request.bytes;
    for (uint32_t i = 0; i < request.size; ++i, at += request.stride) {
      samples[i] = static_cast<float>(scaled(load_sample<T>(at, kSwap)) * weights[i]);
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

std::optional<SpectrumWindow> spectrum_window(std::string_view name) {
  for (size_t i = 0; i < std::size(kWeightings); ++i) {
    if (kWeightings[i].name == name) return static_cast<SpectrumWindow>(i);
  }
  return std::nullopt;
}

void project_spectrum(const SpectrumRequest& request, float* levels) {
  const Plan plan = plan_for(request.size, request.window);
  const Weights& weights = *plan.weights[static_cast<size_t>(request.window)];
  std::vector<float> bins(request.size);
  std::vector<float> work(request.size);
  load_weighted(request, weights.of, bins.data());
  pffft_transform_ordered(plan.setup, bins.data(), bins.data(), work.data(), PFFFT_FORWARD);
  // Real and imaginary parts follow each other; the first pair is the first and the last bin, which
  // are real.
  const uint32_t last = request.size / 2;
  const double constant = 1 / (weights.mean * request.size);
  levels[0] = level(bins[0], 0, constant);
  levels[last] = level(bins[1], 0, constant);
  for (uint32_t bin = 1; bin < last; ++bin) {
    levels[bin] = level(bins[2 * bin], bins[2 * bin + 1], 2 * constant);
  }
}

}  // namespace pinlab
