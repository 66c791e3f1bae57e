// The IRQ block of the XDMA endpoint (target 2): masks, pending and request bits, vectors.
//
// Register facts: PG195 "IRQ Block Registers"; offsets are those inside the target.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>

#include "../../core/card.h"

namespace pinlab::simulated {

/// Turns levels into messages: one for each rising edge of a request bit (pending and mask), so
/// again when unmasking finds a level still high, and again when bus mastering comes back.
/// Thread-safe; calls the sink with its own mutex held. Lock order: an engine's mutex, then this
/// one.
class IrqBlock {
 public:
  /// Bits of the channel registers in packing order: H2C channels first, then C2H. `drops` is asked
  /// before each message of a channel (its bit), with the mutex held; true: it is lost.
  IrqBlock(EventSink& sink, uint32_t channels, std::function<bool(uint32_t bit)> drops)
      : sink_(sink), channel_bits_((1u << channels) - 1), drops_(std::move(drops)) {}

  /// Sets or clears the level of one channel (packing order) or one user line (0..15).
  void set_channel(uint32_t bit, bool level);
  void set_user(uint32_t bit, bool level);

  /// While off no message leaves; levels are kept.
  void set_bus_master(bool enabled);

  /// Offsets 0x00..0xA4 of the target.
  uint32_t read(uint32_t offset);
  void write(uint32_t offset, uint32_t value);

  /// Masks closed, vectors 0. Levels stay: they belong to their sources.
  void reset();

 private:
  /// One of the two kinds of sources, channels or user lines; bit i uses vectors[i].
  struct Group {
    uint32_t pending = 0, mask = 0, sent = 0;
    uint8_t vectors[16] = {};
  };
  // All with the mutex held:
  void update(Group& group);
  void update_all();
  static uint32_t pack(const Group& group, uint32_t first);
  static void unpack(Group& group, uint32_t first, uint32_t value);

  EventSink& sink_;
  const uint32_t channel_bits_;
  const std::function<bool(uint32_t bit)> drops_;
  std::mutex mutex_;
  bool bus_master_ = false;
  Group channel_;
  Group user_;
};

}  // namespace pinlab::simulated
