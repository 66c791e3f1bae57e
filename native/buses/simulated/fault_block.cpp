#include "fault_block.h"

namespace pinlab::simulated {
namespace {

constexpr uint32_t kC2h = 1u << 4;

}  // namespace

uint32_t FaultBlock::read(uint32_t offset) {
  std::lock_guard guard(mutex_);
  switch (offset) {
    case 0x80: return static_cast<uint32_t>(next_.kind);
    case 0x84: return next_.number | (next_.to_card ? 0 : kC2h);
    case 0x88: return next_.count;
    case 0x8C: return faults_.armed();
    case 0x90: return next_.skip;
    case 0x94: return next_.delay_ms;
    case 0x98: return faults_.struck();
    case 0x9C: return next_.bits;
    default: return 0;
  }
}

void FaultBlock::write(uint32_t offset, uint32_t value) {
  std::lock_guard guard(mutex_);
  switch (offset) {
    case 0x80:
      next_.kind = value < kFaultKinds ? static_cast<FaultKind>(value) : FaultKind::none;
      break;
    case 0x84:
      next_.number = value & 3;
      next_.to_card = (value & kC2h) == 0;
      break;
    case 0x88: next_.count = value; break;
    case 0x8C: value & 1 ? faults_.arm(next_) : faults_.disarm_all(); break;
    case 0x90: next_.skip = value; break;
    case 0x94: next_.delay_ms = value; break;
    case 0x9C: next_.bits = value; break;
    default: break;
  }
}

void FaultBlock::reset() {
  std::lock_guard guard(mutex_);
  next_ = Fault{};
}

}  // namespace pinlab::simulated
