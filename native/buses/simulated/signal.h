// What the ADC samples: generated signals and recordings, as pure functions of the frame's index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "recording.h"

namespace pinlab::simulated {

/// ADC_CTRL bits 11:8. Numbers without a signal here deliver silence (zeros).
enum class Source : uint32_t {
  sine = 0,
  recording = 1,
  square = 2,
  noise = 3,
  counter = 4,
  chirp = 5,
  prbs = 6
};

/// Frames of one sweep.
inline constexpr uint64_t kChirpFrames = 1u << 16;

/// What makes the samples what they are.
struct Signal {
  Source source = Source::sine;
  uint32_t frames_per_second =
      1'000'000;                       ///< 0 counts as 1,000,000 for the shape of periodic signals
  uint32_t amplitude = 16384;          ///< peak in LSB, at most 32767
  uint32_t frequency_mhz = 1'000'000;  ///< in millihertz: 1 kHz by default
  std::shared_ptr<const Recording> recording;  ///< may be null: then source 1 is silence

  bool plays_recording() const { return source == Source::recording && recording; }
  /// Generated: 2 channels of 16 bits.
  uint32_t frame_byte_length() const;
  /// ADC_FORMAT: channels 7:0, bits per sample 15:8, bit 16 float, bit 17 integers of the less
  /// usual kind: signed of 8 bits, unsigned of more.
  uint32_t format() const;
};

/// Writes `byte_length` bytes of the stream from its byte `position` on (frame index times frame
/// size plus the offset in the frame). Generated signals, 2 channels of signed 16-bit little-endian
/// samples: sine and square, the second channel a quarter of a period ahead; noise, uniform,
/// channels independent; counter, the frame's index, low half in the first channel and high half in
/// the second, so that a frame is a u32; chirp, a sine whose frequency rises evenly from 0 to the set
/// one in `kChirpFrames` frames and then begins again; PRBS, the bits of core/prbs31.h with seed 0,
/// so that the stream is what the fill pattern `prbs31` writes. A recording goes out unchanged,
/// looped. Thread-safe.
void render(const Signal& signal, uint64_t position, std::byte* to, uint64_t byte_length);

}  // namespace pinlab::simulated
