// Refused accesses as the kernel's log tells them: the only place where an IOMMU's faults are shown.
//
// Formats: drivers/iommu/intel/dmar.c (`DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr
// 0x7f000 [fault reason 0x06] ...`) and drivers/iommu/amd/iommu.c (`... AMD-Vi: Event logged
// [IO_PAGE_FAULT domain=0x000d address=0x1000 flags=0x0020]`, the device before it or inside).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "file_descriptor.h"

namespace pinlab::vfio {

/// One access that the IOMMU refused.
struct LoggedFault {
  uint64_t address = 0;
  bool is_write = false;  ///< the device tried to write the memory
};

/// What a line of the log says of the device `address` (e.g. `0000:01:00.0`); nothing for lines on
/// anything else.
std::optional<LoggedFault> read_fault(std::string_view line, std::string_view address);

/// The log from now on, for one device. The kernel leaves lines out when many come at once. Without
/// the right to read it there are none.
class KernelLog {
 public:
  static KernelLog open(std::string address);

  /// For poll; negative when the log may not be read.
  int file() const { return file_.get(); }
  /// Calls `each` for what is new. Does not block.
  void drain(const std::function<void(const LoggedFault&)>& each);

 private:
  KernelLog(FileDescriptor file, std::string address)
      : file_(std::move(file)), address_(std::move(address)) {}

  FileDescriptor file_;
  std::string address_;
};

}  // namespace pinlab::vfio
