#include <algorithm>

#include "engine.h"

namespace pinlab::simulated {
namespace {

constexpr uint32_t kMaxCredits = 1023;

/// Any address, any length, 64 address bits: what real boards report.
constexpr uint32_t kAlignments = 0x00010140;

uint32_t identifier(const Engine::Identity& identity, uint32_t target) {
  return 0x1FC00006 | target << 16 | (identity.stream ? 0x8000u : 0u) | identity.number << 8;
}

void set_low_word(uint64_t& address, uint32_t value) {
  address = (address & ~0xFFFFFFFFull) | value;
}

void set_high_word(uint64_t& address, uint32_t value) {
  address = (address & 0xFFFFFFFFull) | uint64_t{value} << 32;
}

}  // namespace

uint32_t Engine::read(uint32_t offset) {
  std::lock_guard guard(mutex_);
  const uint32_t status = status_ | (busy_ ? status_bit::busy : 0);
  switch (offset) {
    case 0x00: return identifier(identity_, identity_.to_card ? 0 : 1);
    case 0x04: return control();
    case 0x40: return status;
    case 0x44:
      status_ = 0;
      update_irq();
      return status;
    case 0x48: return completed_.load(std::memory_order_acquire);
    case 0x4C: return kAlignments;
    case 0x88: return static_cast<uint32_t>(poll_address_);
    case 0x8C: return static_cast<uint32_t>(poll_address_ >> 32);
    case 0x90: return interrupt_mask_;
    default: return performance_.read(offset, PerformanceCounters::Clock::now());
  }
}

void Engine::write(uint32_t offset, uint32_t value) {
  std::unique_lock guard(mutex_);
  switch (offset) {
    case 0x04: return set_control(value & control_bit::all, guard);
    case 0x08: return set_control(control() | (value & control_bit::all), guard);
    case 0x0C: return set_control(control() & ~value, guard);
    case 0x40: status_ &= ~value; break;
    case 0x90: interrupt_mask_ = value; break;
    case 0x94: interrupt_mask_ |= value; break;
    case 0x98: interrupt_mask_ &= ~value; break;
    case 0x88: set_low_word(poll_address_, value); break;
    case 0x8C: set_high_word(poll_address_, value); break;
    case 0xC0:
      performance_.write(value, PerformanceCounters::Clock::now());
      measured_ = performance_.is_armed();
      return;
    default: return;
  }
  update_irq();
}

uint32_t Engine::read_sgdma(uint32_t offset) {
  std::lock_guard guard(mutex_);
  switch (offset) {
    case 0x00: return identifier(identity_, identity_.to_card ? 4 : 5);
    case 0x80: return static_cast<uint32_t>(first_descriptor_);
    case 0x84: return static_cast<uint32_t>(first_descriptor_ >> 32);
    case 0x88: return first_adjacent_;
    case 0x8C: return credits_;
    default: return 0;
  }
}

void Engine::write_sgdma(uint32_t offset, uint32_t value) {
  std::lock_guard guard(mutex_);
  switch (offset) {
    case 0x80: set_low_word(first_descriptor_, value); break;
    case 0x84: set_high_word(first_descriptor_, value); break;
    case 0x88: first_adjacent_ = value & 0x3F; break;
    case 0x8C: return add_credits(value & kMaxCredits);
    default: break;
  }
}

void Engine::add_credits(uint32_t credits) {
  if (credits_ + credits > kMaxCredits) complain("was given more credits than 1023");
  credits_ = std::min(credits_ + credits, kMaxCredits);
  ++wakes_;
  changed_.notify_all();
}

void Engine::set_fetch(bool halted, bool by_credit) {
  std::lock_guard guard(mutex_);
  halted_ = halted;
  by_credit_ = by_credit;
  if (!by_credit) credits_ = 0;
  ++wakes_;
  changed_.notify_all();
}

}  // namespace pinlab::simulated
