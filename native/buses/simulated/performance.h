// The performance counters of one channel.
//
// Register facts: PG195 "H2C/C2H Channel Performance Monitor" registers. Sources disagree on which
// of bits 0 and 2 is run and which is auto; here run is bit 2 and auto bit 0, and drivers write both.
#pragma once

#include <chrono>
#include <cstdint>

namespace pinlab::simulated {

/// Cycles of a 250 MHz clock while the channel is busy, and beats of 32 bytes that it moved: both 42
/// bits wide. Not thread-safe: the engine's mutex guards it.
class PerformanceCounters {
 public:
  using Clock = std::chrono::steady_clock;

  /// Offsets 0xC0..0xD0 of the channel.
  uint32_t read(uint32_t offset, Clock::time_point now) const;
  /// The control register, 0xC0.
  void write(uint32_t value, Clock::time_point now);
  bool is_armed() const { return (control_ & kRun) != 0; }

  /// The channel begins, moves the bytes of a descriptor, has finished one with Stop, is idle.
  void begin(Clock::time_point now);
  void moved(uint64_t byte_length);
  void stopped(Clock::time_point now);
  void end(Clock::time_point now);

 private:
  bool counts() const { return (control_ & kRun) != 0 && !held_; }
  uint64_t cycles(Clock::time_point now) const;
  void settle(Clock::time_point now);

  static constexpr uint32_t kAuto = 1u << 0;
  static constexpr uint32_t kClear = 1u << 1;
  static constexpr uint32_t kRun = 1u << 2;

  uint32_t control_ = 0;
  bool busy_ = false;
  bool held_ = false;  ///< stopped by a Stop descriptor in auto mode
  Clock::time_point since_{};
  uint64_t cycles_ = 0;
  uint64_t beats_ = 0;
};

}  // namespace pinlab::simulated
