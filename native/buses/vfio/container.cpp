#include "container.h"

#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>

#include <cerrno>

namespace pinlab::vfio {
namespace {

Error failed(Status status, std::string message, int system_errno, std::string help = {}) {
  Error error{status, std::move(message), system_errno};
  error.help = std::move(help);
  return error;
}

std::string how_to_admit(const std::string& path) {
  return "as root, with a group of the user who runs this: `chgrp <group> " + path +
         "` and `chmod 0660 " + path + "`; a udev rule makes it last";
}

Error no_vfio(const std::string& path, int system_errno) {
  if (system_errno == EACCES || system_errno == EPERM) {
    return failed(Status::invalid_handle, path + " may not be opened by this user", system_errno,
                  how_to_admit(path));
  }
  return failed(Status::no_device_object, path + " cannot be opened", system_errno,
                "as root: `modprobe vfio-pci`");
}

Error group_refused(const PciDevice& device, const std::string& path, int system_errno) {
  switch (system_errno) {
    case EBUSY:
      return failed(Status::resource_overlap,
                    "IOMMU group " + device.group + " of " + device.address +
                        " is in use: boards of one group are opened together by one process, and "
                        "each group once",
                    system_errno, "`fuser -v " + path + "` shows by whom");
    case EACCES:
    case EPERM:
      return failed(Status::invalid_handle, path + " may not be opened by this user", system_errno,
                    how_to_admit(path));
    default:
      return failed(Status::no_device_object, path + " cannot be opened", system_errno,
                    "as root: `modprobe vfio-pci`, then bind the device again");
  }
}

Error not_viable(const PciDevice& device) {
  const std::string others = foreign_devices(device.group);
  return failed(Status::resource_overlap,
                "IOMMU group " + device.group + " of " + device.address +
                    " is not viable: other drivers have devices of it" +
                    (others.empty() ? "" : ": " + others),
                0,
                "bind them to vfio-pci or to nothing: `echo <address> > "
                "/sys/bus/pci/devices/<address>/driver/unbind`");
}

/// The smallest page of a mask of page sizes.
uint64_t smallest_page(uint64_t sizes) { return sizes & ~(sizes - 1); }

/// VFIO_IOMMU_GET_INFO with its chain of capabilities; empty when it fails.
std::vector<std::byte> iommu_info(int container) {
  uint32_t byte_length = sizeof(vfio_iommu_type1_info);
  std::vector<std::byte> buffer;
  while (buffer.size() < byte_length) {
    buffer.assign(byte_length, std::byte{0});
    auto* info = reinterpret_cast<vfio_iommu_type1_info*>(buffer.data());
    info->argsz = byte_length;
    if (ioctl(container, VFIO_IOMMU_GET_INFO, info) != 0) return {};
    byte_length = info->argsz;
  }
  return buffer;
}

/// Calls `visit` with each capability; what the kernel wrote bounds the walk.
template <class Visit>
void each_capability(const std::vector<std::byte>& buffer, uint32_t first, Visit visit) {
  for (uint32_t at = first; at != 0 && at + sizeof(vfio_info_cap_header) <= buffer.size();) {
    const auto* header = reinterpret_cast<const vfio_info_cap_header*>(buffer.data() + at);
    visit(header);
    if (header->next <= at) return;
    at = header->next;
  }
}

}  // namespace

Result<std::unique_ptr<Container>> Container::open(const PciDevice& device) {
  std::unique_ptr<Container> container(new Container);
  if (auto attached = container->attach(device); !attached.ok()) return attached.error();
  if (auto read = container->read_limits(); !read.ok()) return read.error();
  return container;
}

Result<void> Container::attach(const PciDevice& device) {
  const std::string path = "/dev/vfio/vfio";
  container_.reset(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!container_) return no_vfio(path, errno);
  const int type = ioctl(container_.get(), VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU);
  if (ioctl(container_.get(), VFIO_GET_API_VERSION) != VFIO_API_VERSION || type <= 0) {
    return failed(Status::no_device_object, "the kernel's VFIO has no type 1 IOMMU", 0,
                  "as root: `modprobe vfio_iommu_type1`");
  }
  const std::string group_path = "/dev/vfio/" + device.group;
  group_.reset(::open(group_path.c_str(), O_RDWR | O_CLOEXEC));
  if (!group_) return group_refused(device, group_path, errno);
  vfio_group_status status{};
  status.argsz = sizeof status;
  if (ioctl(group_.get(), VFIO_GROUP_GET_STATUS, &status) != 0) {
    return group_refused(device, group_path, errno);
  }
  if ((status.flags & VFIO_GROUP_FLAGS_VIABLE) == 0) return not_viable(device);
  const int container = container_.get();
  if (ioctl(group_.get(), VFIO_GROUP_SET_CONTAINER, &container) != 0) {
    return group_refused(device, group_path, errno);
  }
  if (ioctl(container_.get(), VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) == 0) return {};
  const int system_errno = errno;
  return failed(Status::no_device_object, "the IOMMU does not take group " + device.group,
                system_errno,
                system_errno == EPERM ? "the platform does not remap interrupts: switch it on in "
                                        "the firmware and leave intremap=off out of /proc/cmdline"
                                      : "`dmesg` says why");
}

Result<void> Container::read_limits() {
  const std::vector<std::byte> buffer = iommu_info(container_.get());
  if (buffer.empty()) {
    return failed(Status::operation_failed, "the IOMMU says nothing of itself", errno);
  }
  const auto* info = reinterpret_cast<const vfio_iommu_type1_info*>(buffer.data());
  if ((info->flags & VFIO_IOMMU_INFO_PGSIZES) && smallest_page(info->iova_pgsizes) != kPageByteLength) {
    return failed(Status::not_implemented, "the IOMMU's smallest page is " +
                                               std::to_string(smallest_page(info->iova_pgsizes)) +
                                               " bytes, not 4096", 0);
  }
  if (info->flags & VFIO_IOMMU_INFO_CAPS) {
    each_capability(buffer, info->cap_offset, [&](const vfio_info_cap_header* header) {
      if (header->id != VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) return;
      const auto* found = reinterpret_cast<const vfio_iommu_type1_info_cap_iova_range*>(header);
      for (uint32_t i = 0; i < found->nr_iovas; ++i) {
        const auto& range = found->iova_ranges[i];
        ranges_.push_back({range.start, range.end == UINT64_MAX ? range.end : range.end + 1});
      }
    });
  }
  // A kernel that does not say (before 5.4) has a PC's: 39 bits, without the interrupt messages.
  if (ranges_.empty()) ranges_ = {{0, 0xFEE0'0000}, {0xFEF0'0000, 1ull << 39}};
  mapping_limit_ = mappings_left();
  return {};
}

Result<FileDescriptor> Container::open_device(const std::string& address) {
  FileDescriptor device(ioctl(group_.get(), VFIO_GROUP_GET_DEVICE_FD, address.c_str()));
  if (device) {
    fcntl(device.get(), F_SETFD, FD_CLOEXEC);
    return device;
  }
  const int system_errno = errno;
  if (system_errno == ENODEV) {
    return failed(Status::device_not_found, address + " is not there any more", system_errno,
                  "`lspci -D` lists the addresses");
  }
  return failed(Status::operation_failed, address + " cannot be opened", system_errno,
                "`dmesg` says why");
}

Result<void> Container::map(HostRange pages, uint64_t device_address, Direction direction) {
  vfio_iommu_type1_dma_map map{};
  map.argsz = sizeof map;
  if (permits(direction, Direction::to_device)) map.flags |= VFIO_DMA_MAP_FLAG_READ;
  if (permits(direction, Direction::from_device)) map.flags |= VFIO_DMA_MAP_FLAG_WRITE;
  map.vaddr = pages.begin();
  map.iova = device_address;
  map.size = pages.byte_length;
  if (ioctl(container_.get(), VFIO_IOMMU_MAP_DMA, &map) == 0) return {};
  const int system_errno = errno;
  return failed(Status::operation_failed, "the IOMMU does not map the memory", system_errno,
                system_errno == EFAULT ? "the memory must be readable and writable" : "");
}

Result<void> Container::unmap(uint64_t device_address, uint64_t byte_length) {
  vfio_iommu_type1_dma_unmap unmap{};
  unmap.argsz = sizeof unmap;
  unmap.iova = device_address;
  unmap.size = byte_length;
  if (ioctl(container_.get(), VFIO_IOMMU_UNMAP_DMA, &unmap) != 0) {
    return failed(Status::operation_failed, "the IOMMU does not unmap the memory", errno);
  }
  if (unmap.size == byte_length) return {};
  return failed(Status::operation_failed, "the IOMMU unmapped " + std::to_string(unmap.size) +
                                              " of " + std::to_string(byte_length) + " bytes", 0);
}

uint64_t Container::mappings_left() const {
  const std::vector<std::byte> buffer = iommu_info(container_.get());
  uint64_t left = UINT32_MAX;  // a kernel that does not say (before 5.10)
  if (buffer.empty()) return left;
  const auto* info = reinterpret_cast<const vfio_iommu_type1_info*>(buffer.data());
  if ((info->flags & VFIO_IOMMU_INFO_CAPS) == 0) return left;
  each_capability(buffer, info->cap_offset, [&](const vfio_info_cap_header* header) {
    if (header->id != VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL) return;
    left = reinterpret_cast<const vfio_iommu_type1_info_dma_avail*>(header)->avail;
  });
  return left;
}

Error Container::mappings_used_up(uint64_t wanted) const {
  Error error{Status::insufficient_resources, "the IOMMU has no mappings left for this board", ENOSPC};
  error.limit = LimitHit{"dma_entry_limit", 0, 0, mapping_limit_, wanted};
  error.help = "lock in fewer and longer runs (less fragmentation, or one contiguous lock), or load "
               "vfio_iommu_type1 with a higher dma_entry_limit: `modprobe vfio_iommu_type1 "
               "dma_entry_limit=<mappings>`";
  return error;
}

}  // namespace pinlab::vfio
