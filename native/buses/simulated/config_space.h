// PCI configuration space of the simulated board: an endpoint with MSI-X and function-level reset.
//
// Source: PCI Express Base Specification, "PCI-compatible configuration registers" and "PCI Express
// capability structure"; offsets as XDMA's defaults have them. What is not listed reads 0.
//   0x00  vendor 0x10EE, device 0x903F
//   0x04  command: bit 1 memory, bit 2 bus master, 6 parity, 8 SERR, 10 no INTx; status: capabilities
//   0x08  revision 0, class 0x058000
//   0x2C  subsystem 0x10EE, 0x0007
//   0x34  first capability: 0x60 MSI-X, 32 vectors; 0x70 PCI Express, endpoint with FLR
#pragma once

#include <atomic>
#include <cstdint>

#include "../../core/card.h"

namespace pinlab::simulated {

/// Thread-safe. What the command register allows is the card's to do.
class ConfigSpace {
 public:
  static constexpr uint32_t kByteLength = 4096;

  /// A checked place. `pending`: accesses are in flight (device status bit 5).
  uint32_t read(const ConfigAddress& address, bool pending) const;
  /// Only the command register can be written.
  void write(const ConfigAddress& address, uint32_t value);

  void set_bus_master(bool enabled);
  bool bus_master() const { return (command_.load() & kBusMaster) != 0; }
  /// While it is off nobody answers at the BARs.
  bool memory() const { return (command_.load() & kMemory) != 0; }

 private:
  static constexpr uint32_t kMemory = 1u << 1;
  static constexpr uint32_t kBusMaster = 1u << 2;

  uint32_t word(uint32_t offset, bool pending) const;

  /// As a board is handed over: memory on, bus master off.
  std::atomic<uint32_t> command_{kMemory};
};

}  // namespace pinlab::simulated
