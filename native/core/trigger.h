// Where the samples of a channel cross a level, as an oscilloscope's trigger finds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "samples.h"

namespace pinlab {

enum class TriggerEdge { rising, falling, either };

struct TriggerRequest {
  const std::byte* bytes = nullptr;  ///< the channel's first sample, at any alignment
  uint64_t byte_length = 0;          ///< from there
  SampleFormat format = SampleFormat::i16le;
  uint64_t stride = 2;  ///< bytes between samples of the channel
  TriggerEdge edge = TriggerEdge::rising;
  double level = 0;       ///< as the samples count; finite, so too the hysteresis
  double hysteresis = 0;  ///< at least 0
  uint64_t hold_off = 0;  ///< samples
  /// Only triggers at the samples from `first` up to but not `end` are answered. Those before show
  /// whether the trigger is armed, and count for the hold-off.
  uint64_t first = 0;
  uint64_t end = UINT64_MAX;
  bool newest = false;  ///< the last of them instead of the first
};

struct Trigger {
  uint64_t sample;  ///< the first one at or beyond the level; never the memory's first
  /// How far before it a straight line from the sample before meets the level, in samples: 0 up to
  /// but not 1, a multiple of 2^-16. 0 where one of both is infinite or no number.
  double ahead;
};

/// A rising edge arms at a sample below level - hysteresis and triggers at the next one that is not
/// below the level; a falling edge is its mirror image; `either` looks for both. A trigger less than
/// `hold_off` samples after the one before is none. NaN neither arms nor triggers.
///
/// Pure; takes one pass over the memory at most. The device may write the memory meanwhile, then
/// the trigger may be one that was never there.
std::optional<Trigger> find_trigger(const TriggerRequest& request);

}  // namespace pinlab
