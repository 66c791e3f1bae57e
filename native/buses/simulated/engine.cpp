#include "engine.h"

#include <system_error>

namespace pinlab::simulated {
namespace {

std::string channel_name(const Engine::Identity& identity) {
  return (identity.to_card ? "h2c" : "c2h") + std::to_string(identity.number);
}

}  // namespace

Engine::Engine(Identity identity, Iommu& iommu, IrqBlock& irq, Mover& mover, FaultInjector& faults,
               Complaints& complaints)
    : identity_(identity),
      name_(channel_name(identity)),
      iommu_(iommu),
      irq_(irq),
      mover_(mover),
      faults_(faults),
      complaints_(complaints),
      port_(iommu, name_) {}

Engine::~Engine() { shut(); }

/// Unlocks the mutex, so that whom it wakes does not run into it. An idle thread is left asleep.
void Engine::set_control(uint32_t value, std::unique_lock<std::mutex>& guard) {
  const bool was_running = control() & control_bit::run;
  if (was_running && !busy_ && (value & control_bit::run)) {
    complain("was told to run while run was still 1, which starts nothing");
  }
  control_.store(value, std::memory_order_relaxed);
  const bool runs = value & control_bit::run;
  if (runs && !was_running && !exit_) {
    if (busy_) complain("was started while it was still busy");
    status_ = 0;
    completed_.store(0, std::memory_order_release);
    update_irq();
    start_wanted_ = busy_ = start_thread();
    performance_.begin(PerformanceCounters::Clock::now());
  }
  if (!runs) {
    start_wanted_ = false;
    credits_ = 0;
  }
  // An engine that has not yet picked the start up, or waits inside a descriptor, must see the
  // change.
  ++wakes_;
  const bool wakes = busy_;
  guard.unlock();
  if (wakes) changed_.notify_all();
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

void Engine::update_irq() { irq_.set_channel(identity_.irq_bit, (status_ & interrupt_mask_) != 0); }

/// The engine is idle from here on, unless it was started again meanwhile: then what the run before
/// came to is none of the new one's status and count. In one step with the latches: a driver that
/// sees `stopped` expects the engine not to be busy.
Engine::Next Engine::finish(uint32_t bits) {
  port_.release();
  prepare_log();
  std::lock_guard guard(mutex_);
  busy_ = start_wanted_;
  if (busy_) {
    completed_.store(0, std::memory_order_release);
  } else {
    log(bits);
  }
  if (!busy_) performance_.end(PerformanceCounters::Clock::now());
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
  if (exit_) return;  // Whoever shuts the engine needs the abort to stay.
  abort_.store(false, std::memory_order_release);
  status_ = 0;
  interrupt_mask_ = 0;
  poll_address_ = 0;
  performance_ = PerformanceCounters{};
  measured_ = false;
  credits_ = 0;
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
