#include "engine.h"

#include <system_error>

namespace pinlab::simulated {
namespace {

constexpr uint32_t kMagic = 0xAD4B;
constexpr uint32_t kStop = 1u << 0;
constexpr uint32_t kCompleted = 1u << 1;
constexpr uint32_t kMaxBlock = 64;

/// Any address, any length, 64 address bits: what real boards report.
constexpr uint32_t kAlignments = 0x00010140;

std::string channel_name(const Engine::Identity& identity) {
  return (identity.to_card ? "h2c" : "c2h") + std::to_string(identity.number);
}

uint32_t identifier(const Engine::Identity& identity, uint32_t target) {
  return 0x1FC00006 | target << 16 | (identity.stream ? 0x8000u : 0u) | identity.number << 8;
}

uint32_t adjacent(const Descriptor& descriptor) { return (descriptor.control >> 8) & 0x3F; }

}  // namespace

Engine::Engine(Identity identity, Iommu& iommu, IrqBlock& irq, Mover& mover, FaultInjector& faults)
    : identity_(identity),
      name_(channel_name(identity)),
      iommu_(iommu),
      irq_(irq),
      mover_(mover),
      faults_(faults),
      port_(iommu, name_) {}

Engine::~Engine() { shut(); }

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
    case 0x90: return interrupt_mask_;
    default: return 0;
  }
}

void Engine::write(uint32_t offset, uint32_t value) {
  std::lock_guard guard(mutex_);
  switch (offset) {
    case 0x04: return set_control(value & control_bit::all);
    case 0x08: return set_control(control() | (value & control_bit::all));
    case 0x0C: return set_control(control() & ~value);
    case 0x40: status_ &= ~value; break;
    case 0x90: interrupt_mask_ = value; break;
    case 0x94: interrupt_mask_ |= value; break;
    case 0x98: interrupt_mask_ &= ~value; break;
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
    default: return 0;
  }
}

void Engine::write_sgdma(uint32_t offset, uint32_t value) {
  std::lock_guard guard(mutex_);
  switch (offset) {
    case 0x80: first_descriptor_ = (first_descriptor_ & ~0xFFFFFFFFull) | value; break;
    case 0x84:
      first_descriptor_ = (first_descriptor_ & 0xFFFFFFFFull) | uint64_t{value} << 32;
      break;
    case 0x88: first_adjacent_ = value & 0x3F; break;
    default: break;
  }
}

void Engine::set_control(uint32_t value) {
  const bool was_running = control() & control_bit::run;
  control_.store(value, std::memory_order_relaxed);
  const bool runs = value & control_bit::run;
  if (runs && !was_running && !exit_) {
    status_ = 0;
    completed_.store(0, std::memory_order_release);
    update_irq();
    start_wanted_ = busy_ = start_thread();
  }
  if (!runs) start_wanted_ = false;
  // An engine that has not yet picked the start up, or waits inside a descriptor, must see the
  // change.
  ++wakes_;
  changed_.notify_all();
}

/// Without a thread the engine stays idle, as one does whose descriptors cannot be fetched.
bool Engine::start_thread() {
  if (thread_.joinable()) return true;
  try {
    thread_ = std::thread([this] { run_loop(); });
    return true;
  } catch (const std::system_error&) {
    status_ |= status_bit::descriptor_unsupported_request & control();
    update_irq();
    return false;
  }
}

void Engine::run_loop() {
  std::unique_lock guard(mutex_);
  while (!exit_) {
    if (start_wanted_) {
      start_wanted_ = false;
      guard.unlock();
      walk();
      guard.lock();
    } else if (busy_) {
      // Run was cleared before the start was picked up, or after the last descriptor.
      guard.unlock();
      finish(status_bit::idle_stopped);
      guard.lock();
    } else {
      changed_.wait(guard);
    }
  }
  busy_ = false;
}

void Engine::walk() {
  uint64_t address;
  uint32_t count;
  {
    std::lock_guard guard(mutex_);
    address = first_descriptor_;
    count = first_adjacent_ + 1;
  }
  Descriptor block[kMaxBlock];
  while (fetch(address, count, block) == Next::go_on) {
    for (uint32_t i = 0; i < count; ++i) {
      if (process(block[i]) == Next::end) return;
    }
    // Only the last descriptor of a block says where to go on; the others go by position.
    address = block[count - 1].next;
    count = adjacent(block[count - 1]) + 1;
  }
}

Engine::Next Engine::fetch(uint64_t address, uint32_t count, Descriptor* block) {
  port_.release();
  while (!aborted()) {
    switch (port_.read(address, block, count * sizeof(Descriptor))) {
      case HostPort::Outcome::reached: return Next::go_on;
      case HostPort::Outcome::bus_master_off: wait_for_bus_master(); break;
      case HostPort::Outcome::refused:
        // Without descriptors there is nothing to go on with, so this ends the run even where the
        // ie bits that would log it are 0.
        return finish(status_bit::descriptor_unsupported_request);
    }
  }
  return finish(0);
}

Engine::Next Engine::process(Descriptor descriptor) {
  if (descriptor.control >> 16 != kMagic) return finish(status_bit::magic_stopped);
  const Strike strike = faults_.strike(identity_.to_card, identity_.number);
  misdirect(descriptor, strike);
  const Moved moved = strike.stall ? Moved{} : mover_.move(descriptor, *this);
  if (moved.aborted) return finish(0);
  // An error whose ie bits are 0 is not logged and does not stop the engine.
  if (moved.error & control()) return finish(moved.error);
  if (strike.flip) mover_.flip_bit(descriptor, *this);
  if (!outlast(strike)) return finish(0);
  // A stream's result says how short it was; without one a count would be a lie.
  if (strike.short_transfer && !is_stream_to_host()) return finish(0);
  return complete(descriptor);
}

Engine::Next Engine::complete(const Descriptor& descriptor) {
  completed_.fetch_add(1, std::memory_order_release);
  uint32_t bits = descriptor.control & kCompleted ? status_bit::descriptor_completed : 0;
  if (descriptor.control & kStop) return finish(bits | status_bit::descriptor_stopped);
  if (run_cleared() || start_wanted_) return finish(bits | status_bit::idle_stopped);
  if (aborted()) return finish(0);
  if (bits) latch(bits);
  return Next::go_on;
}

void Engine::latch(uint32_t bits) {
  std::lock_guard guard(mutex_);
  status_ |= bits & control();
  update_irq();
}

void Engine::update_irq() { irq_.set_channel(identity_.irq_bit, (status_ & interrupt_mask_) != 0); }

/// The engine is idle from here on, unless it was started again meanwhile. In one step with the
/// latches: a driver that sees `stopped` expects the engine not to be busy.
Engine::Next Engine::finish(uint32_t bits) {
  port_.release();
  std::lock_guard guard(mutex_);
  status_ |= bits & control();
  busy_ = start_wanted_;
  update_irq();
  changed_.notify_all();
  return Next::end;
}

void Engine::reset() {
  std::unique_lock guard(mutex_);
  control_.store(0, std::memory_order_relaxed);
  start_wanted_ = false;
  abort_.store(true, std::memory_order_release);
  ++wakes_;
  changed_.notify_all();
  changed_.wait(guard, [&] { return !busy_ || exit_; });
  abort_.store(false, std::memory_order_release);
  status_ = 0;
  interrupt_mask_ = 0;
  first_descriptor_ = 0;
  first_adjacent_ = 0;
  completed_.store(0, std::memory_order_release);
  update_irq();
}

void Engine::shut() {
  {
    std::lock_guard guard(mutex_);
    exit_ = true;
    start_wanted_ = false;
    control_.store(0, std::memory_order_relaxed);
    abort_.store(true, std::memory_order_release);
    ++wakes_;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Engine::wake() {
  std::lock_guard guard(mutex_);
  ++wakes_;
  changed_.notify_all();
}

uint64_t Engine::wake_ticket() {
  std::lock_guard guard(mutex_);
  return wakes_;
}

void Engine::wait(uint64_t ticket, std::chrono::steady_clock::time_point deadline) {
  port_.release();
  std::unique_lock guard(mutex_);
  changed_.wait_until(guard, deadline, [&] { return wakes_ != ticket || aborted(); });
}

bool Engine::wait_for_bus_master() {
  while (!aborted()) {
    const uint64_t ticket = wake_ticket();
    if (iommu_.bus_master()) return true;
    port_.release();
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [&] { return wakes_ != ticket || aborted(); });
  }
  return false;
}

}  // namespace pinlab::simulated
