// A PCI function as sysfs shows it: whether it is there, who drives it, and its IOMMU group.
#pragma once

#include <string>

#include "../../core/result.h"

namespace pinlab::vfio {

/// What VFIO needs to know of a function before it is opened.
struct PciDevice {
  std::string address;  ///< e.g. `0000:01:00.0`, lower case
  std::string group;    ///< number of its IOMMU group
};

/// Looks an address up, e.g. `0000:01:00.0`. Blocks. Each refusal says which command helps:
/// WD_INVALID_PARAMETER for what is no address, WD_DEVICE_NOT_FOUND, WD_NO_DEVICE_OBJECT when there
/// is no IOMMU group or another driver than vfio-pci has the function, WD_NOT_IMPLEMENTED for VFIO
/// without an IOMMU.
Result<PciDevice> find_device(const std::string& address);

/// The functions of a group that neither vfio-pci nor nobody has, as `0000:00:1f.0 (ahci)`, with
/// commas; empty when there are none.
std::string foreign_devices(const std::string& group);

}  // namespace pinlab::vfio
