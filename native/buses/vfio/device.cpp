#include "device.h"

#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace pinlab::vfio {
namespace {

uint32_t all_ones(uint32_t width) { return UINT32_MAX >> (32 - width); }

/// The parts that the kernel says can be mapped, where that is not all of the region.
void read_sparse_parts(const std::vector<std::byte>& buffer, uint32_t first, Region& region) {
  for (uint32_t at = first; at != 0 && at + sizeof(vfio_info_cap_header) <= buffer.size();) {
    const auto* header = reinterpret_cast<const vfio_info_cap_header*>(buffer.data() + at);
    if (header->id == VFIO_REGION_INFO_CAP_SPARSE_MMAP) {
      const auto* sparse = reinterpret_cast<const vfio_region_info_cap_sparse_mmap*>(header);
      region.mappable.clear();
      for (uint32_t i = 0; i < sparse->nr_areas; ++i) {
        const auto& area = sparse->areas[i];
        if (area.size > 0) region.mappable.push_back({area.offset, area.offset + area.size});
      }
    }
    if (header->next <= at) return;
    at = header->next;
  }
}

}  // namespace

Result<Device> Device::open(FileDescriptor file) {
  vfio_device_info info{};
  info.argsz = sizeof info;
  if (ioctl(file.get(), VFIO_DEVICE_GET_INFO, &info) != 0) {
    return Error{Status::operation_failed, "the device says nothing of itself", errno};
  }
  if ((info.flags & VFIO_DEVICE_FLAGS_PCI) == 0) {
    return Error{Status::not_implemented, "the device is no PCI device"};
  }
  return Device(std::move(file), (info.flags & VFIO_DEVICE_FLAGS_RESET) != 0);
}

Device::Device(FileDescriptor file, bool can_reset)
    : file_(std::move(file)),
      can_reset_(can_reset),
      config_(region(VFIO_PCI_CONFIG_REGION_INDEX)),
      express_(find_capability(PCI_CAP_ID_EXP)) {}

Region Device::region(uint32_t index) const {
  Region region;
  uint32_t byte_length = sizeof(vfio_region_info);
  std::vector<std::byte> buffer;
  const vfio_region_info* info = nullptr;
  while (buffer.size() < byte_length) {
    buffer.assign(byte_length, std::byte{0});
    auto* asked = reinterpret_cast<vfio_region_info*>(buffer.data());
    asked->argsz = byte_length;
    asked->index = index;
    if (ioctl(file_.get(), VFIO_DEVICE_GET_REGION_INFO, asked) != 0) return region;
    byte_length = asked->argsz;
    info = asked;
  }
  region.file_offset = info->offset;
  region.byte_length = info->size;
  if ((info->flags & VFIO_REGION_INFO_FLAG_MMAP) == 0) return region;
  region.mappable.push_back({0, info->size});
  if (info->flags & VFIO_REGION_INFO_FLAG_CAPS) read_sparse_parts(buffer, info->cap_offset, region);
  return region;
}

IrqKind Device::irq_kind(uint32_t index) const {
  vfio_irq_info info{};
  info.argsz = sizeof info;
  info.index = index;
  if (ioctl(file_.get(), VFIO_DEVICE_GET_IRQ_INFO, &info) != 0) return {};
  return {info.count, (info.flags & VFIO_IRQ_INFO_EVENTFD) != 0};
}

uint32_t Device::read_config(const ConfigAddress& address) const {
  uint32_t value = 0;
  const auto byte_length = static_cast<ssize_t>(address.width / 8);
  const auto at = static_cast<off_t>(config_.file_offset + address.offset);
  if (pread(file_.get(), &value, byte_length, at) != byte_length) return all_ones(address.width);
  return value;
}

bool Device::write_config(const ConfigAddress& address, uint32_t value) const {
  const auto byte_length = static_cast<ssize_t>(address.width / 8);
  const auto at = static_cast<off_t>(config_.file_offset + address.offset);
  return pwrite(file_.get(), &value, byte_length, at) == byte_length;
}

bool Device::set_command(uint32_t bit, bool on) const {
  const ConfigAddress address{PCI_COMMAND, 16};
  const uint32_t before = read_config(address);
  const uint32_t wanted = on ? before | bit : before & ~bit;
  return write_config(address, wanted) && command(bit) == on;
}

bool Device::command(uint32_t bit) const {
  const uint32_t value = read_config({PCI_COMMAND, 16});
  return value != all_ones(16) && (value & bit) != 0;
}

uint32_t Device::find_capability(uint32_t wanted) const {
  if ((read_config({PCI_STATUS, 16}) & PCI_STATUS_CAP_LIST) == 0) return 0;
  uint32_t at = read_config({PCI_CAPABILITY_LIST, 8}) & ~3u;
  // A list of capabilities has at most as many entries as fit; a broken one may go in circles.
  for (int entries = 0; at >= PCI_STD_HEADER_SIZEOF && entries < 48; ++entries) {
    if (read_config({at, 8}) == wanted) return at;
    at = read_config({at + PCI_CAP_LIST_NEXT, 8}) & ~3u;
  }
  return 0;
}

bool Device::has_pending_transactions() const {
  if (express_ == 0) return false;
  const uint32_t status = read_config({express_ + PCI_EXP_DEVSTA, 16});
  return status != all_ones(16) && (status & PCI_EXP_DEVSTA_TRPND) != 0;
}

int Device::reset() const { return ioctl(file_.get(), VFIO_DEVICE_RESET) == 0 ? 0 : errno; }

}  // namespace pinlab::vfio
