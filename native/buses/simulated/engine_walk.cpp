#include <algorithm>

#include "card_memory.h"
#include "engine.h"

namespace pinlab::simulated {
namespace {

constexpr uint32_t kDescriptorMagic = 0xAD4B;
constexpr uint32_t kMaxBlock = 64;

uint32_t adjacent(const Descriptor& descriptor) { return (descriptor.control >> 8) & 0x3F; }

}  // namespace

void Engine::walk() {
  uint64_t address;
  uint32_t count;
  {
    std::lock_guard guard(mutex_);
    address = first_descriptor_;
    count = first_adjacent_ + 1;
  }
  Descriptor block[kMaxBlock];
  check_block(address, count);
  while (const uint32_t allowed = allowance(count)) {
    if (fetch(address, allowed, block) == Next::end) return;
    for (uint32_t i = 0; i < allowed; ++i) {
      if (i + 1 < count && (block[i].control & descriptor_bit::stop)) complain("met Stop inside a block");
      if (process(block[i]) == Next::end) return;
    }
    if (allowed < count) {
      address += allowed * sizeof(Descriptor);
      count -= allowed;
      continue;
    }
    // Only the last descriptor of a block says where to go on; the others go by position.
    address = block[allowed - 1].next;
    count = adjacent(block[allowed - 1]) + 1;
    check_block(address, count);
  }
}

/// How many of the block's next descriptors may be fetched now; waits until it is at least one. 0:
/// the run has ended instead.
uint32_t Engine::allowance(uint32_t count) {
  {
    std::unique_lock guard(mutex_);
    if (!halted_ && !by_credit_) return count;
    port_.release();
    const auto may_go_on = [this] { return !halted_ && (!by_credit_ || credits_ > 0); };
    changed_.wait(guard, [&] { return may_go_on() || aborted() || run_cleared(); });
    if (!aborted() && !run_cleared()) {
      const uint32_t allowed = by_credit_ ? std::min(count, credits_) : count;
      if (by_credit_) credits_ -= allowed;
      return allowed;
    }
  }
  finish(aborted() ? 0 : status_bit::idle_stopped);
  return 0;
}

void Engine::check_block(uint64_t address, uint32_t count) {
  if (address % sizeof(Descriptor) != 0) complain("has a descriptor that is not 32-byte aligned");
  const uint64_t last = address + count * sizeof(Descriptor) - 1;
  if (address / kPageByteLength != last / kPageByteLength) {
    complain("has a block of descriptors that crosses 4 KiB");
  }
}

void Engine::complain(const char* what) { complaints_.add(name_ + " " + what); }

Engine::Next Engine::fetch(uint64_t address, uint32_t count, Descriptor* block) {
  port_.release();
  while (!aborted()) {
    switch (port_.read(address, block, count * sizeof(Descriptor))) {
      case HostPort::Outcome::reached: return Next::go_on;
      case HostPort::Outcome::bus_master_off: wait_for_bus_master(); break;
      case HostPort::Outcome::refused:
        if (port_.took_unlocked()) complain("has descriptors in memory that has been unlocked");
        // Without descriptors there is nothing to go on with, so this ends the run even where the
        // ie bits that would log it are 0.
        return finish(status_bit::descriptor_unsupported_request);
    }
  }
  return finish(0);
}

Engine::Next Engine::process(Descriptor descriptor) {
  const Strike strike = faults_.strike(identity_.to_card, identity_.number);
  if (strike.wrong_magic || descriptor.control >> 16 != kDescriptorMagic) {
    return finish(status_bit::magic_stopped);
  }
  const uint64_t byte_length = descriptor_byte_length(descriptor);
  if (is_stream_to_host() && byte_length % 64 != 0) complain("has a buffer of no multiple of 64");
  if (byte_length == 0) complain("has a descriptor of no bytes");
  if (misaligned(descriptor)) {
    complain("has addresses or a length that non-increment mode does not take");
    if (control() & status_bit::align_mismatch) return finish(status_bit::align_mismatch);
  }
  misdirect(descriptor, strike);
  const Moved moved = move(descriptor, strike);
  if (port_.took_unlocked()) complain("was at work on memory that has been unlocked");
  if (moved.aborted) return finish(0);
  // An error whose ie bits are 0 is not logged and does not stop the engine, unless there is no
  // descriptor to go on with.
  if (moved.error & (control() | status_bit::descriptor_errors)) return finish(moved.error);
  if (strike.flip && byte_length > 0) mover_.flip_bit(descriptor, *this);
  if (!outlast(strike)) return finish(0);
  // A stream's result says how short it was; without one a count would be a lie.
  if (strike.short_transfer && !is_stream_to_host()) return finish(0);
  return complete(descriptor, moved);
}

/// What a stalled engine, or one that meets an error, moves is nothing.
Moved Engine::move(const Descriptor& descriptor, const Strike& strike) {
  if (strike.stall) return {};
  if (strike.error_bits) return {.error = strike.error_bits};
  return mover_.move(descriptor, *this);
}

/// Non-increment mode moves whole beats of the datapath.
bool Engine::misaligned(const Descriptor& descriptor) const {
  if (identity_.stream || !(control() & control_bit::non_increment)) return false;
  const uint64_t any = descriptor.source | descriptor.destination | descriptor.length;
  return any % kBeatByteLength != 0;
}

Engine::Next Engine::complete(const Descriptor& descriptor, const Moved& moved) {
  const bool stops = descriptor.control & descriptor_bit::stop;
  if (measured_) {
    std::lock_guard guard(mutex_);
    performance_.moved(descriptor_byte_length(descriptor) - moved.missing);
    if (stops) performance_.stopped(PerformanceCounters::Clock::now());
  }
  completed_.fetch_add(1, std::memory_order_release);
  uint32_t bits = descriptor.control & descriptor_bit::completed ? status_bit::descriptor_completed : 0;
  if (stops) return finish(bits | status_bit::descriptor_stopped);
  if (run_cleared() || start_wanted_) return finish(bits | status_bit::idle_stopped);
  if (aborted()) return finish(0);
  if (bits) latch(bits);
  return Next::go_on;
}

void Engine::latch(uint32_t bits) {
  prepare_log();
  std::lock_guard guard(mutex_);
  log(bits);
}

/// What `log` may have to write waits for bus mastering before the mutex is taken.
void Engine::prepare_log() {
  if (!(control() & control_bit::poll_mode)) return;
  port_.release();
  wait_for_bus_master();
}

/// In the order that drivers rely on: status, the word in host memory, the interrupt.
void Engine::log(uint32_t bits) {
  status_ |= bits & control();
  write_poll_word(bits);
  update_irq();
}

/// A posted write of 24 bits of the count, with bit 31 for an error; lost where the host refuses it.
void Engine::write_poll_word(uint32_t bits) {
  const bool error = status_ & status_bit::errors;
  if (!(control() & control_bit::poll_mode)) return;
  if (!(bits & status_bit::descriptor_completed) && !error) return;
  const uint32_t count = completed_.load(std::memory_order_relaxed) & 0x00FFFFFF;
  const uint32_t word = count | (error ? 1u << 31 : 0);
  port_.write(poll_address_, &word, sizeof word);
}

}  // namespace pinlab::simulated
