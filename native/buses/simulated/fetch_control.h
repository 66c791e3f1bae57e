// The SGDMA common block (target 6): which channels' descriptor fetch is halted, and which wait for
// credits.
//
// Register facts: PG195 "SGDMA Common Registers"; offsets are those inside the target.
//   0x00 identifier
//   0x10 / 0x14 / 0x18 descriptor control: RW / set / clear; a bit halts the fetch of its channel
//   0x20 / 0x24 / 0x28 credit mode enable: RW / set / clear
// Bits 3:0 are the H2C channels 3..0, bits 19:16 the C2H channels.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>

namespace pinlab::simulated {

/// Thread-safe. Lock order: this mutex, then an engine's.
class FetchControl {
 public:
  /// Called for each channel at each change.
  using Apply = std::function<void(bool to_card, uint32_t number, bool halted, bool by_credit)>;

  explicit FetchControl(Apply apply) : apply_(std::move(apply)) {}

  uint32_t read(uint32_t offset);
  void write(uint32_t offset, uint32_t value);
  /// Nothing is halted and nothing waits for credits.
  void reset();

 private:
  void apply();

  const Apply apply_;
  std::mutex mutex_;
  uint32_t halted_ = 0;
  uint32_t by_credit_ = 0;
};

}  // namespace pinlab::simulated
