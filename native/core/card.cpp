#include "card.h"

namespace pinlab {
namespace {

constexpr size_t kMaxCleanupWrites = 4096;

}  // namespace

Result<void> Card::check(const RegisterAddress& address) const {
  if (!is_open()) return Error{Status::invalid_handle, "the card is closed"};
  if (address.width != 8 && address.width != 16 && address.width != 32 && address.width != 64) {
    return invalid_parameter("a register is 8, 16, 32 or 64 bits wide");
  }
  const uint64_t byte_length = address.width / 8;
  for (const Bar& bar : bars()) {
    if (bar.index != address.bar_index) continue;
    if (address.offset % byte_length != 0) {
      return invalid_parameter("a register's offset is a multiple of its width");
    }
    if (address.offset >= bar.byte_length || bar.byte_length - address.offset < byte_length) {
      return invalid_parameter("the register lies outside of its BAR");
    }
    return {};
  }
  return invalid_parameter("the card has no such BAR");
}

Result<uint64_t> Card::read_register(const RegisterAddress& address) {
  if (auto checked = check(address); !checked.ok()) return checked.error();
  std::atomic_thread_fence(std::memory_order_acquire);
  const uint64_t value = read(address);
  std::atomic_thread_fence(std::memory_order_acquire);
  return value;
}

Result<void> Card::write_register(const RegisterAddress& address, uint64_t value) {
  if (auto checked = check(address); !checked.ok()) return checked;
  trace_.note(address, value);
  std::atomic_thread_fence(std::memory_order_release);
  write(address, value);
  return {};
}

Result<void> Card::check(const ConfigAddress& address) const {
  if (!is_open()) return Error{Status::invalid_handle, "the card is closed"};
  if (address.width != 8 && address.width != 16 && address.width != 32) {
    return invalid_parameter("configuration space is read in 8, 16 or 32 bits");
  }
  const uint32_t byte_length = address.width / 8;
  if (address.offset % byte_length != 0) {
    return invalid_parameter("an offset in configuration space is a multiple of the width");
  }
  // Both are multiples of the width, so nothing reaches over the end.
  if (address.offset >= config_byte_length()) {
    return invalid_parameter("the place lies outside of configuration space");
  }
  return {};
}

Result<uint32_t> Card::read_config(const ConfigAddress& address) {
  if (auto checked = check(address); !checked.ok()) return checked.error();
  return read(address);
}

Result<void> Card::write_config(const ConfigAddress& address, uint32_t value) {
  if (auto checked = check(address); !checked.ok()) return checked;
  std::atomic_thread_fence(std::memory_order_release);
  write(address, value);
  return {};
}

Result<void> Card::set_cleanup(std::vector<RegisterWrite> writes) {
  if (writes.size() > kMaxCleanupWrites) {
    return invalid_parameter("a clean-up list has at most 4,096 writes");
  }
  for (const RegisterWrite& one : writes) {
    if (auto checked = check(one.address); !checked.ok()) return checked;
  }
  std::lock_guard guard(cleanup_mutex_);
  cleanup_ = std::move(writes);
  return {};
}

void Card::quiesce() {
  std::lock_guard guard(close_mutex_);
  if (quiesced_) return;
  quiesced_ = true;
  open_.store(false, std::memory_order_release);
  {
    std::lock_guard cleanup_guard(cleanup_mutex_);
    for (const RegisterWrite& one : cleanup_) {
      trace_.note(one.address, one.value);
      write(one.address, one.value);
    }
  }
  stop();
}

void Card::close() {
  quiesce();
  locks().shut();
  std::lock_guard guard(release_mutex_);
  if (!released_) release();
  released_ = true;
}

}  // namespace pinlab
