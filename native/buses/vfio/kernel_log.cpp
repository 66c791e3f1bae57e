#include "kernel_log.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>

namespace pinlab::vfio {
namespace {

constexpr auto kNowhere = std::string_view::npos;

bool contains(std::string_view line, std::string_view part) { return line.find(part) != kNowhere; }

/// The hexadecimal number after `name`, with or without 0x.
std::optional<uint64_t> number_after(std::string_view line, std::string_view name) {
  const size_t at = line.find(name);
  if (at == kNowhere) return std::nullopt;
  const std::string text(line.substr(at + name.size(), 20));
  char* end = nullptr;
  const uint64_t number = std::strtoull(text.c_str(), &end, 16);
  if (end == text.c_str()) return std::nullopt;
  return number;
}

/// Both name a device without its domain where that is 0; Intel's always.
bool names(std::string_view line, std::string_view address, std::string_view before,
           std::string_view after) {
  const std::string_view in_domain = address.substr(address.find(':') + 1);
  for (const std::string_view name : {address, in_domain}) {
    std::string wanted(before);
    wanted.append(name).append(after);
    if (contains(line, wanted)) return true;
  }
  return false;
}

}  // namespace

std::optional<LoggedFault> read_fault(std::string_view line, std::string_view address) {
  if (contains(line, "[DMA Read") || contains(line, "[DMA Write")) {
    if (!names(line, address, "Request device [", "]")) return std::nullopt;
    const auto at = number_after(line, "fault addr ");
    if (!at) return std::nullopt;
    return LoggedFault{*at, contains(line, "[DMA Write")};
  }
  if (contains(line, "IO_PAGE_FAULT")) {
    const bool ours =
        names(line, address, "device=", " ") || names(line, address, "vfio-pci ", ": AMD-Vi");
    const auto at = number_after(line, "address=");
    const auto flags = number_after(line, "flags=");
    if (!ours || !at || !flags) return std::nullopt;
    constexpr uint64_t kWrite = 0x20;  // RW of the event log entry
    return LoggedFault{*at, (*flags & kWrite) != 0};
  }
  return std::nullopt;
}

KernelLog KernelLog::open(std::string address) {
  FileDescriptor file(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file) lseek(file.get(), 0, SEEK_END);
  return KernelLog(std::move(file), std::move(address));
}

void KernelLog::drain(const std::function<void(const LoggedFault&)>& each) {
  char record[4096];
  while (true) {
    const ssize_t byte_length = ::read(file_.get(), record, sizeof record);
    // EPIPE: lines were overwritten before they were read; the next read goes on behind them.
    if (byte_length < 0 && (errno == EPIPE || errno == EINTR)) continue;
    if (byte_length <= 0) return;
    const std::string_view line(record, static_cast<size_t>(byte_length));
    if (const auto fault = read_fault(line, address_)) each(*fault);
  }
}

}  // namespace pinlab::vfio
