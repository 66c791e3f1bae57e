// The user logic's injection block: arms faults by registers.
//
// Registers (32 bits, BAR 0):
//   0x80 FAULT_SELECT  RW  which: 1 stall, 2 short transfer, 3 link lost, 4 IOMMU fault,
//                          5 lost interrupt, 6 data flip, 7 late completion, 8 wrong magic,
//                          9 error bits, 10 bus master off
//   0x84 FAULT_CHANNEL RW  1:0 number, bit 4 set for C2H, clear for H2C
//   0x88 FAULT_COUNT   RW  how often it strikes, default 1
//   0x8C FAULT_ARM     RW  writing 1 arms what the others say, 0 disarms everything; reads how many
//                          are armed
//   0x90 FAULT_SKIP    RW  descriptors (lost interrupt: messages) of the channel that go by before
//                          the first strike, default 0
//   0x94 FAULT_DELAY   RW  milliseconds of a late completion, default 100
//   0x98 FAULT_STRUCK  RO  strikes since reset
//   0x9C FAULT_BITS    RW  bits of the channel's status that error bits sets, default 0x400
#pragma once

#include <cstdint>
#include <mutex>

#include "fault_injector.h"

namespace pinlab::simulated {

/// Thread-safe.
class FaultBlock {
 public:
  /// `faults` must outlive this.
  explicit FaultBlock(FaultInjector& faults) : faults_(faults) {}

  static bool has(uint32_t offset) { return offset >= 0x80 && offset < 0xA0; }
  uint32_t read(uint32_t offset);
  void write(uint32_t offset, uint32_t value);
  /// The registers, not what is armed.
  void reset();

 private:
  FaultInjector& faults_;
  std::mutex mutex_;
  Fault next_;
};

}  // namespace pinlab::simulated
