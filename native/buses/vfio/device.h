// The device of a VFIO group: its regions, its configuration space, its reset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../../core/address_pool.h"
#include "../../core/card.h"
#include "file_descriptor.h"

namespace pinlab::vfio {

/// A region of the device's file: a BAR or configuration space.
struct Region {
  uint64_t file_offset = 0;
  uint64_t byte_length = 0;  ///< 0: there is none
  /// What of it can be mapped, by offsets in the region; empty: only read and written.
  std::vector<AddressRange> mappable;
};

/// One kind of interrupts of the device (VFIO_PCI_*_IRQ_INDEX).
struct IrqKind {
  uint32_t count = 0;
  bool by_eventfd = false;
};

/// Thread-safe: the kernel serialises.
class Device {
 public:
  static Result<Device> open(FileDescriptor file);

  int file() const { return file_.get(); }
  Region region(uint32_t index) const;
  IrqKind irq_kind(uint32_t index) const;

  /// Configuration space; all ones when nobody answers.
  uint32_t config_byte_length() const { return static_cast<uint32_t>(config_.byte_length); }
  uint32_t read_config(const ConfigAddress& address) const;
  /// False when the kernel does not take it.
  bool write_config(const ConfigAddress& address, uint32_t value) const;

  /// Command register bits 1 and 2. Setting answers whether the register then says so.
  bool set_command(uint32_t bit, bool on) const;
  bool command(uint32_t bit) const;
  static constexpr uint32_t kMemory = 1u << 1;
  static constexpr uint32_t kBusMaster = 1u << 2;

  /// PCI Express device status, bit 5; false where there is no such capability.
  bool has_pending_transactions() const;

  bool can_reset() const { return can_reset_; }
  /// Function-level reset; the command register stays as it is. Errno of the kernel, 0 for success.
  int reset() const;

 private:
  Device(FileDescriptor file, bool can_reset);
  uint32_t find_capability(uint32_t wanted) const;

  FileDescriptor file_;
  bool can_reset_;
  Region config_;
  uint32_t express_ = 0;  ///< offset of the PCI Express capability, 0: none
};

}  // namespace pinlab::vfio
