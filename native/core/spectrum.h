// Projection of sample memory to a spectrum: how strong each frequency is in one channel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "samples.h"

namespace pinlab {

/// Samples that a spectrum is made of: a power of two between these.
inline constexpr uint32_t kMinSpectrumSize = 256;
inline constexpr uint32_t kMaxSpectrumSize = 65'536;
/// Lower levels, silence among them, are shown as this, dBFS.
inline constexpr float kLowestLevel = -200;

bool is_spectrum_size(uint64_t size);

/// What the samples are weighted with: sums of cosines, periodic.
enum class SpectrumWindow {
  rectangular,      ///< none: exact where a whole number of periods is in the memory
  hann,             ///< a line is 3 bins wide, what leaks falls off quickly
  blackman_harris,  ///< of 4 terms: 7 bins wide, leaks below -92 dB
  flat_top,         ///< of 5 terms: 9 bins wide, within 0.01 dB also between two bins
};

/// The window of that name, e.g. `flatTop`; nothing for an unknown one.
std::optional<SpectrumWindow> spectrum_window(std::string_view name);

struct SpectrumRequest {
  const std::byte* bytes = nullptr;  ///< the channel's first sample, at any alignment
  SampleFormat format = SampleFormat::i16le;
  uint64_t stride = 2;  ///< bytes between samples of the channel
  uint32_t size = kMinSpectrumSize;  ///< samples, all of which must be there
  SpectrumWindow window = SpectrumWindow::hann;
};

/// Writes size / 2 + 1 levels, one for each frequency from 0 to half the sample rate. Whatever
/// the window, a sine whose frequency is a bin's has its own level there; through a Hann window it
/// shows, 6 dB lower, in both neighbours too.
///
/// 0 dBFS is a sine that reaches full scale: 2^(bits - 1) around 0, or around the middle of the
/// unsigned range, and 1.0 for floats. The first and last bin are not doubled as the others are: a
/// constant at full scale is 0 dBFS there. The transform is of single precision: what is 120 dB
/// below the strongest bin may be its rounding.
///
/// Samples that are infinite or no number count as 0, and those beyond 2^60 times full scale as
/// that, so every level is a number. Thread-safe; the first call for a size and window takes
/// the time and memory (8 bytes a sample, kept, and 4 for each further window) to prepare it.
void project_spectrum(const SpectrumRequest& request, float* levels);

}  // namespace pinlab
