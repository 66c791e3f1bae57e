#include "fetch_control.h"

namespace pinlab::simulated {
namespace {

constexpr uint32_t kChannels = 4;
constexpr uint32_t kChannelBits = 0x000F000F;

}  // namespace

uint32_t FetchControl::read(uint32_t offset) {
  std::lock_guard guard(mutex_);
  switch (offset) {
    case 0x00: return 0x1FC60006;
    case 0x10: return halted_;
    case 0x20: return by_credit_;
    default: return 0;
  }
}

void FetchControl::write(uint32_t offset, uint32_t value) {
  std::lock_guard guard(mutex_);
  value &= kChannelBits;
  switch (offset) {
    case 0x10: halted_ = value; break;
    case 0x14: halted_ |= value; break;
    case 0x18: halted_ &= ~value; break;
    case 0x20: by_credit_ = value; break;
    case 0x24: by_credit_ |= value; break;
    case 0x28: by_credit_ &= ~value; break;
    default: return;
  }
  apply();
}

void FetchControl::reset() {
  std::lock_guard guard(mutex_);
  halted_ = by_credit_ = 0;
  apply();
}

void FetchControl::apply() {
  for (const bool to_card : {true, false}) {
    for (uint32_t number = 0; number < kChannels; ++number) {
      const uint32_t bit = 1u << (number + (to_card ? 0 : 16));
      apply_(to_card, number, (halted_ & bit) != 0, (by_credit_ & bit) != 0);
    }
  }
}

}  // namespace pinlab::simulated
