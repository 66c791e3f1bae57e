// The memory on the simulated board, and the channels that reach it (AXI memory mapped).
#pragma once

#include <cstdint>
#include <memory>

#include "../../core/host_memory.h"
#include "engine.h"

namespace pinlab::simulated {

/// Zeroed memory shared by all memory-mapped channels, card addresses 0 .. byte_length - 1. Pages
/// come when they are touched. Channels that meet in it race as they do on a board.
class CardMemory {
 public:
  /// Shares the ownership of `memory`; any thread may ask for bytes.
  explicit CardMemory(std::shared_ptr<HostMemory> memory) : memory_(std::move(memory)) {}

  /// The bytes at a card address; null when any of them lies outside.
  std::byte* at(uint64_t address, uint64_t byte_length) const;

 private:
  std::shared_ptr<HostMemory> memory_;
};

/// H2C, memory mapped: source is a device address in host memory, destination a card address.
class MemoryWriter : public Mover {
 public:
  /// `memory` must outlive this.
  explicit MemoryWriter(CardMemory& memory) : memory_(memory) {}
  /// Errors: host read refused (bit 9), card address out of range (bit 14).
  Moved move(const Descriptor& descriptor, Engine& engine) override;
  /// In card memory.
  void flip_bit(const Descriptor& descriptor, Engine& engine) override;

 private:
  CardMemory& memory_;
};

/// C2H, memory mapped: source is a card address, destination a device address. Writes that the
/// IOMMU refuses are posted writes: they vanish without a trace in the engine's registers.
class MemoryReader : public Mover {
 public:
  /// `memory` must outlive this.
  explicit MemoryReader(CardMemory& memory) : memory_(memory) {}
  Moved move(const Descriptor& descriptor, Engine& engine) override;

 private:
  CardMemory& memory_;
};

/// Bytes of a descriptor: bits 27:0 of its length word.
inline uint64_t descriptor_byte_length(const Descriptor& descriptor) {
  return descriptor.length & 0x0FFFFFFF;
}

}  // namespace pinlab::simulated
