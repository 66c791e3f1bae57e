// The registers of a device: a BAR, mapped where the kernel lets it be.
#pragma once

#include <cstdint>
#include <vector>

#include "../../core/card.h"
#include "device.h"

namespace pinlab::vfio {

/// One BAR. Thread-safe. An access is one of its width on the bus; where the BAR cannot be mapped
/// (I/O ports) it goes through the kernel, which makes two of 64 bits. When nobody answers, because
/// memory decoding is off or the device is gone, a read is all ones and a write is lost.
class MappedBar {
 public:
  /// `device` must outlive this. A part that cannot be mapped is read and written.
  MappedBar(const Device& device, uint32_t index, Region region);
  ~MappedBar();
  MappedBar(MappedBar&& other) noexcept;
  MappedBar& operator=(MappedBar&&) = delete;

  Bar bar() const { return {index_, region_.byte_length}; }
  /// Checked offsets and widths.
  uint64_t read(uint64_t offset, uint32_t width) const;
  void write(uint64_t offset, uint32_t width, uint64_t value) const;

 private:
  struct Part {
    AddressRange range;  ///< in the BAR
    std::byte* start;
  };
  /// Where an access is mapped; null where it is not.
  std::byte* find(uint64_t offset, uint32_t width) const;

  int file_;
  uint32_t index_;
  Region region_;
  std::vector<Part> parts_;
};

}  // namespace pinlab::vfio
