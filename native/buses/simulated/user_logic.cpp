#include "user_logic.h"

namespace pinlab::simulated {
namespace {

constexpr uint32_t kEnable = 1u << 0;
constexpr uint32_t kGateClosed = 1u << 1;
constexpr uint32_t kSourceShift = 8;
constexpr uint32_t kRecording = 1;
constexpr uint32_t kControlBits = 0xF03;
constexpr uint32_t kOverrun = 1u << 0;
constexpr uint32_t kFreeLines = 0xFFFE;
constexpr uint32_t kDigitizer = 0x504C4431;
constexpr uint32_t kMemoryCard = 0x504C4D31;
constexpr uint32_t kVersion = 0x00010002;

}  // namespace

UserLogic::UserLogic(IrqBlock& irq, std::vector<AdcMover*> adcs, std::vector<DacMover*> dacs,
                     std::shared_ptr<const Recording> recording, std::function<void()> on_change)
    : irq_(irq),
      adcs_(std::move(adcs)),
      dacs_(std::move(dacs)),
      recording_(std::move(recording)),
      on_change_(std::move(on_change)) {
  power_up();
  apply();
}

uint32_t UserLogic::read(uint32_t offset) {
  std::lock_guard guard(mutex_);
  switch (offset) {
    case 0x00: return adcs_.empty() && dacs_.empty() ? kMemoryCard : kDigitizer;
    case 0x04: return kVersion;
    case 0x10: return control_;
    case 0x14: return signal_.frames_per_second;
    case 0x18: return signal_.amplitude;
    case 0x1C: return signal_.frequency_mhz;
    case 0x20: {
      poll_overrun();
      const uint32_t status = irq_status_;
      irq_status_ = 0;
      irq_.set_user(0, false);
      return status;
    }
    case 0x24: return static_cast<uint32_t>(dropped_frames());
    case 0x28: return adcs_.empty() ? 0 : signal_.format();
    case 0x2C: return recording_ ? static_cast<uint32_t>(recording_->bytes.size()) : 0;
    case 0x30: return static_cast<uint32_t>(consumed_byte_length());
    case 0x34: return static_cast<uint32_t>(consumed_byte_length() >> 32);
    case 0x38: {
      uint32_t sum = 0;
      for (const DacMover* dac : dacs_) sum += dac->sum();
      return sum;
    }
    case 0x3C: return raised_;
    default: return 0;
  }
}

void UserLogic::write(uint32_t offset, uint32_t value) {
  {
    std::lock_guard guard(mutex_);
    switch (offset) {
      case 0x10: control_ = value & kControlBits; break;
      case 0x14: signal_.frames_per_second = value; break;
      case 0x18: signal_.amplitude = value; break;
      case 0x1C: signal_.frequency_mhz = value; break;
      case 0x3C: return raise(value);
      default: return;
    }
    apply();
  }
  on_change_();
}

void UserLogic::apply() {
  signal_.source = static_cast<Source>(control_ >> kSourceShift & 0xF);
  const AdcSettings settings{(control_ & kEnable) != 0, (control_ & kGateClosed) != 0, signal_};
  for (AdcMover* adc : adcs_) adc->fifo().configure(settings, AdcFifo::Clock::now());
}

/// Line 0 is the overrun's.
void UserLogic::raise(uint32_t lines) {
  raised_ = lines & kFreeLines;
  for (uint32_t line = 1; line < 16; ++line) irq_.set_user(line, (raised_ >> line) & 1);
}

/// An overrun while no engine looks at the FIFO is found here.
void UserLogic::poll_overrun() {
  for (AdcMover* adc : adcs_) {
    if (adc->fifo().dropped(AdcFifo::Clock::now()).grown) irq_status_ |= kOverrun;
  }
}

uint64_t UserLogic::dropped_frames() {
  uint64_t frames = 0;
  for (AdcMover* adc : adcs_) {
    const auto dropped = adc->fifo().dropped(AdcFifo::Clock::now());
    frames += dropped.frames;
    if (dropped.grown) {
      irq_status_ |= kOverrun;
      irq_.set_user(0, true);
    }
  }
  return frames;
}

uint64_t UserLogic::consumed_byte_length() const {
  uint64_t byte_length = 0;
  for (const DacMover* dac : dacs_) byte_length += dac->consumed_byte_length();
  return byte_length;
}

void UserLogic::overrun() {
  std::lock_guard guard(mutex_);
  irq_status_ |= kOverrun;
  irq_.set_user(0, true);
}

void UserLogic::power_up() {
  control_ = recording_ ? kRecording << kSourceShift : 0;
  signal_ = Signal{};
  signal_.recording = recording_;
  irq_status_ = 0;
}

void UserLogic::reset() {
  std::lock_guard guard(mutex_);
  power_up();
  irq_.set_user(0, false);
  raise(0);
  for (AdcMover* adc : adcs_) adc->fifo().reset();
  for (DacMover* dac : dacs_) dac->reset();
  apply();
}

}  // namespace pinlab::simulated
