#include "pci_device.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <fstream>

namespace pinlab::vfio {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDevices = "/sys/bus/pci/devices/";

/// domain:bus:device.function in lower-case hexadecimal digits; a domain has four or more.
bool is_address(const std::string& text) {
  const size_t at = text.find(':');
  if (at == std::string::npos || at < 4 || at > 8 || text.size() != at + 8) return false;
  const auto hex = [](char letter) { return std::isxdigit(static_cast<unsigned char>(letter)); };
  const std::string digits = text.substr(0, at) + text.substr(at + 1, 2) + text.substr(at + 4, 2);
  return std::all_of(digits.begin(), digits.end(), hex) && text[at + 3] == ':' &&
         text[at + 6] == '.' && text[at + 7] >= '0' && text[at + 7] <= '7';
}

/// The last part of what a link points to; empty when there is no link.
std::string link_name(const fs::path& link) {
  std::error_code failed;
  const fs::path target = fs::read_symlink(link, failed);
  return failed ? std::string() : target.filename().string();
}

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

std::string how_to_bind(const std::string& address, bool is_bound) {
  const std::string device = kDevices + address;
  std::string help = "as root: `echo vfio-pci > " + device + "/driver_override`";
  if (is_bound) help += ", `echo " + address + " > " + device + "/driver/unbind`";
  return help + ", `echo " + address + " > /sys/bus/pci/drivers_probe`";
}

Error other_driver(const std::string& address, const std::string& driver) {
  Error error{Status::no_device_object};
  error.message = driver.empty() ? address + " has no driver; VFIO needs it bound to vfio-pci"
                                 : address + " is bound to " + driver + ", not to vfio-pci";
  error.help = how_to_bind(address, !driver.empty());
  return error;
}

}  // namespace

Result<PciDevice> find_device(const std::string& given) {
  std::string address = given;
  for (char& letter : address) letter = static_cast<char>(std::tolower(letter));
  if (!is_address(address)) {
    return invalid_parameter("a PCI address looks like 0000:01:00.0; `lspci -D` lists them");
  }
  const fs::path device = kDevices + address;
  std::error_code failed;
  if (!fs::exists(device, failed)) {
    Error error{Status::device_not_found, "there is no PCI device " + address, ENOENT};
    error.help = "`lspci -D` lists the addresses; a device that was removed comes back with "
                 "`echo 1 > /sys/bus/pci/rescan`";
    return error;
  }
  const std::string group = link_name(device / "iommu_group");
  if (!group.empty() && first_line(device / "iommu_group" / "name") == "vfio-noiommu") {
    Error error{Status::not_implemented, "VFIO without an IOMMU is refused: the device could "
                                         "reach all of the machine's memory"};
    error.help = "switch the IOMMU on, and enable_unsafe_noiommu_mode of the module vfio off";
    return error;
  }
  const std::string driver = link_name(device / "driver");
  if (driver != "vfio-pci") return other_driver(address, driver);
  if (group.empty()) {
    Error error{Status::no_device_object, address + " is in no IOMMU group: no IOMMU is at work"};
    error.help = "switch VT-d or AMD-Vi on in the firmware, and boot with intel_iommu=on on Intel "
                 "(`cat /proc/cmdline` shows what was given)";
    return error;
  }
  return PciDevice{address, group};
}

std::string foreign_devices(const std::string& group) {
  std::string list;
  std::error_code failed;
  const fs::path devices = "/sys/kernel/iommu_groups/" + group + "/devices";
  for (const auto& entry : fs::directory_iterator(devices, failed)) {
    const std::string driver = link_name(entry.path() / "driver");
    if (driver.empty() || driver == "vfio-pci" || driver == "pcieport") continue;
    list += (list.empty() ? "" : ", ") + entry.path().filename().string() + " (" + driver + ")";
  }
  return list;
}

}  // namespace pinlab::vfio
