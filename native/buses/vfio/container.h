// A VFIO container with the one group of its device: the IOMMU's translations, and its limits.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../../core/address_pool.h"
#include "../../core/direction.h"
#include "../../core/host_memory.h"
#include "file_descriptor.h"
#include "pci_device.h"

namespace pinlab::vfio {

/// One container for each group, so that no board reaches another's memory. Type 1, version 2.
/// Thread-safe. Closed with its owner: what is still mapped then is unmapped by the kernel.
class Container {
 public:
  /// Opens the group of `device`. Blocks. WD_RESOURCE_OVERLAP when the group is in use or not
  /// viable, WD_INVALID_HANDLE when its file is not ours to open, WD_NO_DEVICE_OBJECT when VFIO or
  /// its IOMMU driver is not there.
  static Result<std::unique_ptr<Container>> open(const PciDevice& device);

  /// Opens the device. CLOEXEC.
  Result<FileDescriptor> open_device(const std::string& address);

  /// Device addresses that the IOMMU translates.
  const std::vector<AddressRange>& ranges() const { return ranges_; }

  /// Lets devices of the group reach whole pages of memory at `device_address`: read them for
  /// to_device, write them for from_device. Pins them. Blocks. WD_OPERATION_FAILED with the kernel's
  /// errno: EEXIST, EFAULT, EINVAL; ENOMEM above RLIMIT_MEMLOCK, ENOSPC without mappings left.
  Result<void> map(HostRange pages, uint64_t device_address, Direction direction);

  /// Undoes exactly one `map`. WD_OPERATION_FAILED when the kernel did not take back all of it.
  Result<void> unmap(uint64_t device_address, uint64_t byte_length);

  /// Mappings that the container may have (dma_entry_limit), and how many are left of them.
  uint64_t mapping_limit() const { return mapping_limit_; }
  uint64_t mappings_left() const;
  /// What is said when they are used up.
  Error mappings_used_up(uint64_t wanted) const;

 private:
  Container() = default;
  Result<void> attach(const PciDevice& device);
  Result<void> read_limits();

  // In this order: the group is closed first.
  FileDescriptor container_;
  FileDescriptor group_;
  std::vector<AddressRange> ranges_;
  uint64_t mapping_limit_ = 0;
};

}  // namespace pinlab::vfio
