#include "signal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "../../core/prbs31.h"

namespace pinlab::simulated {
namespace {

constexpr uint32_t kFrameByteLength = 4;
constexpr uint64_t kQuarterPeriod = 1ull << 62;
constexpr unsigned kTableBits = 14;

using Frame = uint32_t;

Frame pack(int32_t first, int32_t second) {
  return (static_cast<uint32_t>(first) & 0xFFFF) | static_cast<uint32_t>(second) << 16;
}

/// One period of a sine of peak 32767.
const std::array<int16_t, 1 << kTableBits>& sine_table() {
  static const auto& table = *new auto([] {
    std::array<int16_t, 1 << kTableBits> values{};
    for (size_t i = 0; i < values.size(); ++i) {
      const double angle = 2 * M_PI * static_cast<double>(i) / static_cast<double>(values.size());
      values[i] = static_cast<int16_t>(std::lround(32767 * std::sin(angle)));
    }
    return values;
  }());
  return table;
}

/// The phase that one frame adds; a whole period is 2^64.
uint64_t phase_step(const Signal& signal) {
  const uint64_t rate = signal.frames_per_second ? signal.frames_per_second : 1'000'000;
  const auto period = static_cast<unsigned __int128>(rate) * 1000;
  return static_cast<uint64_t>((static_cast<unsigned __int128>(signal.frequency_mhz) << 64) /
                               period);
}

uint64_t mix(uint64_t word) {
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
  return word ^ (word >> 31);
}

int32_t amplitude_of(const Signal& signal) {
  return static_cast<int32_t>(std::min<uint32_t>(signal.amplitude, 32767));
}

Frame sine_frame(uint64_t phase, int32_t amplitude) {
  const auto& table = sine_table();
  const auto sample = [&](uint64_t at) {
    return table[at >> (64 - kTableBits)] * amplitude / 32768;
  };
  return pack(sample(phase), sample(phase + kQuarterPeriod));
}

void render_sine(const Signal& signal, uint64_t index, Frame* to, size_t count) {
  const int32_t amplitude = amplitude_of(signal);
  const uint64_t step = phase_step(signal);
  uint64_t phase = index * step;
  for (size_t i = 0; i < count; ++i, phase += step) to[i] = sine_frame(phase, amplitude);
}

/// The phase is the sum of a frequency that grows evenly: half of step * i^2 / kChirpFrames.
void render_chirp(const Signal& signal, uint64_t index, Frame* to, size_t count) {
  const int32_t amplitude = amplitude_of(signal);
  const uint64_t step = phase_step(signal);
  for (size_t i = 0; i < count; ++i) {
    const uint64_t at = (index + i) % kChirpFrames;
    const auto phase = static_cast<unsigned __int128>(at * at) * step / (2 * kChirpFrames);
    to[i] = sine_frame(static_cast<uint64_t>(phase), amplitude);
  }
}

void render_prbs(uint64_t index, Frame* to, size_t count) {
  // Whole periods of the stream, in frames, leave the bits as they are and the product small.
  constexpr uint64_t kPeriodFrames = (1ull << 31) - 1;
  Prbs31 stream(0, index % kPeriodFrames * 32);
  for (size_t i = 0; i < count; ++i) to[i] = stream.next();
}

void render_square(const Signal& signal, uint64_t index, Frame* to, size_t count) {
  const int32_t amplitude = amplitude_of(signal);
  const uint64_t step = phase_step(signal);
  uint64_t phase = index * step;
  const auto sample = [&](uint64_t at) { return at >> 63 ? -amplitude : amplitude; };
  for (size_t i = 0; i < count; ++i, phase += step) {
    to[i] = pack(sample(phase), sample(phase + kQuarterPeriod));
  }
}

void render_noise(const Signal& signal, uint64_t index, Frame* to, size_t count) {
  const int32_t amplitude = amplitude_of(signal);
  const auto sample = [&](uint64_t word) { return static_cast<int16_t>(word) * amplitude / 32768; };
  for (size_t i = 0; i < count; ++i) {
    const uint64_t word = mix((index + i + 1) * 0x9E3779B97F4A7C15);
    to[i] = pack(sample(word), sample(word >> 16));
  }
}

void render_frames(const Signal& signal, uint64_t index, Frame* to, size_t count) {
  switch (signal.source) {
    case Source::sine: return render_sine(signal, index, to, count);
    case Source::square: return render_square(signal, index, to, count);
    case Source::noise: return render_noise(signal, index, to, count);
    case Source::chirp: return render_chirp(signal, index, to, count);
    case Source::prbs: return render_prbs(index, to, count);
    case Source::counter:
      for (size_t i = 0; i < count; ++i) to[i] = static_cast<Frame>(index + i);
      return;
    default: std::memset(to, 0, count * sizeof(Frame));
  }
}

void render_recording(const Recording& recording, uint64_t position, std::byte* to,
                      uint64_t byte_length) {
  uint64_t at = position % recording.bytes.size();
  while (byte_length > 0) {
    const uint64_t run = std::min(byte_length, recording.bytes.size() - at);
    std::memcpy(to, recording.bytes.data() + at, run);
    to += run;
    byte_length -= run;
    at = 0;
  }
}

void render_generated(const Signal& signal, uint64_t position, std::byte* to,
                      uint64_t byte_length) {
  // Through a small buffer: neither end of the range need be a whole frame, nor `to` aligned.
  Frame frames[1024];
  while (byte_length > 0) {
    const uint64_t offset = position % kFrameByteLength;
    const uint64_t run = std::min<uint64_t>(byte_length, sizeof frames - offset);
    const size_t count = (offset + run + kFrameByteLength - 1) / kFrameByteLength;
    render_frames(signal, position / kFrameByteLength, frames, count);
    std::memcpy(to, reinterpret_cast<std::byte*>(frames) + offset, run);
    position += run;
    to += run;
    byte_length -= run;
  }
}

}  // namespace

uint32_t Signal::frame_byte_length() const {
  return plays_recording() ? recording->frame_byte_length() : kFrameByteLength;
}

uint32_t Signal::format() const {
  if (!plays_recording()) return 2 | 16 << 8;
  return recording->channels | recording->bits_per_sample << 8 |
         (recording->is_float ? 1u << 16 : 0u) | (recording->is_swapped_sign() ? 1u << 17 : 0u);
}

void render(const Signal& signal, uint64_t position, std::byte* to, uint64_t byte_length) {
  if (signal.plays_recording())
    return render_recording(*signal.recording, position, to, byte_length);
  render_generated(signal, position, to, byte_length);
}

}  // namespace pinlab::simulated
