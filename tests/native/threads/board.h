// A simulated board as C++ drives it, for programs without Node.js.
#pragma once

#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include "../../../native/buses/simulated/simulated_card.h"

namespace pinlab::threads {

/// Counts what a card says. Any thread.
struct CountingSink : EventSink {
  std::atomic<uint64_t> interrupts{0};
  std::atomic<uint64_t> faults{0};

  void interrupt(uint32_t, uint64_t count) override { interrupts += count; }
  void fault(const IommuFault& fault) override { faults += fault.count; }
  void removal() override {}
};

/// Two pairs of memory channels, one stream each way. Null: it could not be opened.
inline std::shared_ptr<Card> open_card(EventSink& sink) {
  using simulated::C2hKind, simulated::H2cKind;
  simulated::Config config;
  config.h2c = {H2cKind::memory, H2cKind::memory, H2cKind::dac};
  config.c2h = {C2hKind::memory, C2hKind::memory, C2hKind::adc};
  config.memory_byte_length = 1 << 20;
  config.fragmentation = 2;
  auto opened = simulated::SimulatedCard::open(config, sink);
  return opened.ok() ? opened.value() : nullptr;
}

/// Memory of the heap, whose every byte the sanitizers watch. `owner` keeps it.
struct Memory {
  HostRange range;
  std::shared_ptr<void> owner;
};

inline Memory heap_memory(uint64_t byte_length) {
  std::shared_ptr<std::byte[]> bytes(new std::byte[byte_length]());
  return {{bytes.get(), byte_length}, bytes};
}

inline Result<std::shared_ptr<Lock>> lock_scatter_gather(Card& card, Memory memory) {
  auto plan = plan_lock({.byte_length = memory.range.byte_length,
                         .options = option::allow_64bit_address,
                         .owner = "busy card"},
                        card.address_bits());
  if (!plan.ok()) return plan.error();
  return card.locks().lock(plan.value(), memory.range, std::move(memory.owner));
}

inline Result<std::shared_ptr<Lock>> lock_contiguous(Card& card, uint64_t byte_length) {
  auto plan = plan_lock({.kind = LockKind::contiguous,
                         .byte_length = byte_length,
                         .options = option::allow_64bit_address,
                         .owner = "busy card"},
                        card.address_bits());
  if (!plan.ok()) return plan.error();
  auto allocated = HostMemory::allocate(byte_length);
  if (!allocated.ok()) return allocated.error();
  const HostRange range{allocated.value()->data(), byte_length};
  return card.locks().lock(plan.value(), range, allocated.value());
}

/// WD_DMAUnlock. False: held, or another thread was first.
inline bool unlock(Card& card, Lock& lock) {
  if (!card.locks().begin_unlock(lock).ok()) return false;
  card.locks().finish_unlock(lock);
  return true;
}

inline RegisterAddress user_register(uint64_t offset) { return {0, offset, 32}; }
inline RegisterAddress dma_register(uint64_t offset) { return {1, offset, 32}; }

/// One DMA channel, and a contiguous lock for its descriptors. For one thread. Every call answers
/// false once the card is closed.
class Channel {
 public:
  Channel(Card& card, bool to_card, uint32_t number)
      : card_(card), to_card_(to_card), base_((to_card ? 0 : 0x1000) + 0x100 * number) {}

  /// Starts to move all of a lock from or to `card_address`, again and again if `endless`.
  bool start(const Lock& lock, uint64_t card_address, bool endless = false) {
    if (!ring_ && !lock_ring()) return false;
    const uint64_t ring = ring_->pages.front().address;
    auto* descriptor = reinterpret_cast<simulated::Descriptor*>(ring_->range.start);
    for (size_t i = 0; i < lock.pages.size(); ++i) {
      const bool last = i + 1 == lock.pages.size();
      const auto [address, byte_length] = lock.pages[i];
      descriptor[i] = {0xAD4B0000 | (last && !endless ? 3u : 2u), byte_length,
                       to_card_ ? address : card_address, to_card_ ? card_address : address,
                       ring + (last ? 0 : (i + 1) * sizeof *descriptor)};
      card_address += byte_length;
    }
    return write(0x0C, 1) && write(0x4080, static_cast<uint32_t>(ring)) &&
           write(0x4084, static_cast<uint32_t>(ring >> 32)) && write(0x4088, 0) &&
           write(0x90, simulated::status_bit::descriptor_stopped) && write(0x04, 0x00FFFE7F);
  }
  /// Clears run: the engine ends at its descriptor's end.
  bool stop() { return write(0x0C, 1); }
  /// Blocks until nothing of what was started goes on.
  bool wait_until_idle() {
    while (true) {
      const auto status = read(0x40);
      if (!status) return false;
      if ((*status & simulated::status_bit::busy) == 0) return true;
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }

 private:
  static constexpr uint64_t kRingByteLength = 4096;

  bool lock_ring() {
    auto locked = lock_contiguous(card_, kRingByteLength);
    if (locked.ok()) ring_ = locked.value();
    return locked.ok();
  }
  bool write(uint64_t offset, uint32_t value) {
    return card_.write_register(dma_register(base_ + offset), value).ok();
  }
  std::optional<uint64_t> read(uint64_t offset) {
    auto value = card_.read_register(dma_register(base_ + offset));
    return value.ok() ? std::optional(value.value()) : std::nullopt;
  }

  Card& card_;
  const bool to_card_;
  const uint64_t base_;
  std::shared_ptr<Lock> ring_;
};

}  // namespace pinlab::threads
