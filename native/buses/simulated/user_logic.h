// BAR 0 of the simulated board: the user logic behind XDMA's AXI-Lite port.
//
// Registers (32 bits):
//   0x00 ID           RO  0x504C4431 "PLD1" with an ADC or a DAC, 0x504C4D31 "PLM1" without
//   0x04 VERSION      RO  major 31:16, minor 15:0: 1.2 and later have the whole injection block
//   0x10 ADC_CTRL     RW  bit 0 enable, bit 1 gate closed, 11:8 source (signal.h)
//                         After power-up source 1 where the board has a recording, else 0
//   0x14 ADC_RATE     RW  frames per second, default 1,000,000; 0 = as fast as the engine takes
//                         them
//   0x18 AMPLITUDE    RW  peak of generated signals in LSB, default 16384, at most 32767
//   0x1C FREQUENCY    RW  of sine and square, and where a chirp ends, in millihertz, default
//                         1,000,000 (1 kHz)
//   0x20 IRQ_STATUS   RC  why user interrupt 0 is high; reading clears it. Bit 0: ADC overrun
//   0x24 DROPPED      RO  frames dropped since reset, all ADC channels together, modulo 2^32
//   0x28 ADC_FORMAT   RO  of the selected source: channels 7:0, bits per sample 15:8, bit 16 float,
//                         bit 17 signed integers of 8 bits or unsigned ones of more
//   0x2C RECORDING_BYTES RO  data bytes of the recording, 0 without one
//   0x30 DAC_BYTES_LO RO  bytes that the DAC has consumed since reset, low word
//   0x34 DAC_BYTES_HI RO  high word
//   0x38 DAC_SUM      RO  sum of the bytes that the DAC has consumed, modulo 2^32
//   0x3C USER_IRQ     RW  bit i raises user interrupt i and holds it while it is set, i = 1..15
//   0x80 ..               faults on purpose, see fault_block.h
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "adc.h"
#include "irq_block.h"

namespace pinlab::simulated {

/// Thread-safe. Lock order: this mutex, then a FIFO's or the IRQ block's.
class UserLogic {
 public:
  static constexpr uint64_t kByteLength = 4096;

  /// The movers must outlive this. `on_change` wakes the engines that may wait for samples.
  UserLogic(IrqBlock& irq, std::vector<AdcMover*> adcs, std::vector<DacMover*> dacs,
            std::shared_ptr<const Recording> recording, std::function<void()> on_change);

  uint32_t read(uint32_t offset);
  void write(uint32_t offset, uint32_t value);

  /// Frames were dropped: sets IRQ_STATUS bit 0 and raises user interrupt 0.
  void overrun();

  /// Registers as after power-up. Engines must be idle.
  void reset();

 private:
  /// Register values; whoever has a recording named wants it played, so it is the source then.
  void power_up();
  void apply();
  void raise(uint32_t lines);
  void poll_overrun();
  uint64_t dropped_frames();
  uint64_t consumed_byte_length() const;

  IrqBlock& irq_;
  const std::vector<AdcMover*> adcs_;
  const std::vector<DacMover*> dacs_;
  const std::shared_ptr<const Recording> recording_;
  const std::function<void()> on_change_;

  std::mutex mutex_;
  uint32_t control_ = 0;
  Signal signal_;
  uint32_t irq_status_ = 0;
  uint32_t raised_ = 0;  ///< USER_IRQ
};

}  // namespace pinlab::simulated
