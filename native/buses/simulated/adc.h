// One stream of the simulated ADC: samples that arrive in real time, a FIFO, and the C2H channel
// behind it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include "engine.h"
#include "signal.h"

namespace pinlab::simulated {

/// What the user logic's registers say about the ADC.
struct AdcSettings {
  bool enabled = false;      ///< ADC_CTRL bit 0
  bool gate_closed = false;  ///< ADC_CTRL bit 1
  Signal signal;
};

/// The FIFO between the converter and the DMA engine. Because a sample is a pure function of its
/// index, the FIFO holds no bytes, only which frames are in it; it is brought up to date by the
/// monotonic clock when somebody looks. Depth 16 MiB; frames that find it full are dropped and
/// counted. Thread-safe.
class AdcFifo {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr uint64_t kDepthByteLength = 16ull << 20;

  /// A rising `enabled` starts from frame 0 with an empty FIFO; a falling one empties the FIFO and
  /// ends the packet, if a descriptor is in progress. A closed gate stops the samples, and no more
  /// than that. A change of the frame's size empties the FIFO.
  void configure(const AdcSettings& settings, Clock::time_point now);

  /// Frames dropped since reset, and whether that has grown since the last call of this function.
  struct Dropped {
    uint64_t frames = 0;
    bool grown = false;
  };
  Dropped dropped(Clock::time_point now);

  /// A descriptor begins or ends: only then can a packet end.
  void begin_descriptor();
  void end_descriptor();

  /// Bytes of the stream, from `position`, to be rendered with `signal`.
  struct Taken {
    uint64_t byte_length = 0;
    uint64_t position = 0;
    Signal signal;
    bool end_of_packet = false;  ///< nothing more comes for this descriptor
    bool enabled = false;
    Clock::time_point next;  ///< when nothing was taken: when to look again, at most 10 ms from now
  };
  /// Takes what is there, at most `wanted` bytes.
  Taken take(uint64_t wanted, Clock::time_point now);

  /// As after power-up: disabled, empty, nothing dropped.
  void reset();

 private:
  struct Run {
    uint64_t begin, end;  ///< byte positions in the stream
  };
  // All with the mutex held:
  void update(Clock::time_point now);
  void rebase(Clock::time_point now);
  void clear();
  bool paced() const { return settings_.signal.frames_per_second != 0; }
  bool flowing() const { return settings_.enabled && !settings_.gate_closed; }
  Clock::time_point time_of(uint64_t byte_length) const;

  std::mutex mutex_;
  AdcSettings settings_;
  std::deque<Run> runs_;      ///< what is in the FIFO, oldest first
  uint64_t held_ = 0;         ///< bytes in it
  uint64_t produced_ = 0;     ///< frames since enable rose
  uint64_t partial_ = 0;      ///< bytes of the next frame that went out already (rate 0 only)
  uint64_t base_frames_ = 0;  ///< `produced_` at `base_`
  Clock::time_point base_{};  ///< since when the rate has held
  uint64_t dropped_ = 0;      ///< frames
  uint64_t dropped_reported_ = 0;
  bool in_descriptor_ = false;
  bool packet_ended_ = false;
};

/// C2H, AXI-Stream: fills descriptors from the FIFO and writes their 8-byte results (unless control
/// bit 27). A descriptor closes short, with EOP, when the packet ends; also when run is cleared
/// while the ADC is not enabled, so that a stop always finds an end.
class AdcMover : public Mover {
 public:
  /// `on_overrun` is called on the engine's thread when frames were dropped.
  explicit AdcMover(std::function<void()> on_overrun) : on_overrun_(std::move(on_overrun)) {}

  /// For the user logic, which configures it.
  AdcFifo& fifo() { return fifo_; }
  Moved move(const Descriptor& descriptor, Engine& engine) override;

 private:
  struct Filled {
    uint64_t byte_length = 0;
    bool end_of_packet = false;
    bool aborted = false;
  };
  Filled fill(const Descriptor& descriptor, Engine& engine);
  bool deliver(const AdcFifo::Taken& taken, uint64_t address, Engine& engine);

  AdcFifo fifo_;
  std::function<void()> on_overrun_;
};

/// H2C, AXI-Stream: the simulated DAC. Reads everything and keeps count of it, and the sum of the
/// bytes.
class DacMover : public Mover {
 public:
  Moved move(const Descriptor& descriptor, Engine& engine) override;
  /// In the sum: the bytes themselves are gone.
  void flip_bit(const Descriptor& descriptor, Engine& engine) override;
  /// Bytes since reset, and their sum modulo 2^32. Any thread.
  uint64_t consumed_byte_length() const { return consumed_.load(); }
  uint32_t sum() const { return sum_.load(); }
  void reset();

 private:
  std::atomic<uint64_t> consumed_{0};
  std::atomic<uint32_t> sum_{0};
};

}  // namespace pinlab::simulated
