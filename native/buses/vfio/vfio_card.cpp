#include "vfio_card.h"

#include <linux/vfio.h>

#include <chrono>
#include <mutex>
#include <thread>

namespace pinlab::vfio {
namespace {

constexpr uint32_t kBars = VFIO_PCI_BAR5_REGION_INDEX + 1;
/// PCI Express devices answer within 50 ms; what takes longer is not waited for.
constexpr std::chrono::milliseconds kLongestWait{1000};

double now_ms() {
  using namespace std::chrono;
  return duration<double, std::milli>(system_clock::now().time_since_epoch()).count();
}

/// Before anything is mapped: a dead process may have left an engine at work.
Result<void> make_harmless(const Device& device, const std::string& address) {
  if (!device.set_command(Device::kBusMaster, false) || !device.set_command(Device::kMemory, true)) {
    Error error{Status::operation_failed, address + " does not answer in configuration space"};
    error.help = "power the machine or the board off and on; `lspci -s " + address +
                 "` shows ff where nobody answers";
    return error;
  }
  return {};
}

std::vector<MappedBar> map_bars(const Device& device) {
  std::vector<MappedBar> mapped;
  mapped.reserve(kBars);
  for (uint32_t index = 0; index < kBars; ++index) {
    Region region = device.region(index);
    if (region.byte_length > 0) mapped.emplace_back(device, index, std::move(region));
  }
  return mapped;
}

}  // namespace

Result<std::shared_ptr<Card>> VfioCard::open(const Config& config, EventSink& sink) {
  auto found = find_device(config.address);
  if (!found.ok()) return found.error();
  auto container = Container::open(found.value());
  if (!container.ok()) return container.error();
  auto file = container.value()->open_device(found.value().address);
  if (!file.ok()) return file.error();
  auto device = Device::open(std::move(file.value()));
  if (!device.ok()) return device.error();
  auto harmless = make_harmless(device.value(), found.value().address);
  if (!harmless.ok()) return harmless.error();
  auto lent = std::unique_ptr<Lent>(
      new Lent{std::move(container.value()), std::move(device.value()), {}, std::nullopt});
  lent->mapped_bars = map_bars(lent->device);
  Config resolved = config;
  resolved.address = found.value().address;
  return std::shared_ptr<Card>(new VfioCard(resolved, std::move(lent), sink));
}

VfioCard::VfioCard(const Config& config, std::unique_ptr<Lent> lent, EventSink& sink)
    : config_(config),
      sink_(sink),
      lent_(std::move(lent)),
      config_byte_length_(lent_->device.config_byte_length()),
      can_reset_(lent_->device.can_reset()),
      space_(*lent_->container, config.fragmentation) {
  for (const MappedBar& mapped : lent_->mapped_bars) bars_.push_back(mapped.bar());
  lent_->interrupts.emplace(lent_->device, sink_, KernelLog::open(config_.address),
                            [this](const LoggedFault& logged) { report(logged); });
  vectors_ = lent_->interrupts->vectors();
}

VfioCard::~VfioCard() { close(); }

/// Runs on what the system lent, which stays for so long; `otherwise` once it is given back.
template <class Answer, class Access>
Answer VfioCard::with_device(Answer otherwise, Access access) {
  std::shared_lock guard(lent_mutex_);
  return lent_ ? access(*lent_) : otherwise;
}

const MappedBar* VfioCard::mapped_bar(uint32_t index) const {
  for (const MappedBar& mapped : lent_->mapped_bars) {
    if (mapped.bar().index == index) return &mapped;
  }
  return nullptr;
}

uint64_t VfioCard::read(const RegisterAddress& address) {
  const uint64_t all_ones = UINT64_MAX >> (64 - address.width);
  return with_device(all_ones, [&](Lent&) {
    const MappedBar* mapped = mapped_bar(address.bar_index);
    return mapped ? mapped->read(address.offset, address.width) : all_ones;
  });
}

void VfioCard::write(const RegisterAddress& address, uint64_t value) {
  with_device(false, [&](Lent&) {
    const MappedBar* mapped = mapped_bar(address.bar_index);
    if (mapped) mapped->write(address.offset, address.width, value);
    return true;
  });
}

uint32_t VfioCard::read(const ConfigAddress& address) {
  return with_device(UINT32_MAX >> (32 - address.width),
                     [&](Lent& lent) { return lent.device.read_config(address); });
}

void VfioCard::write(const ConfigAddress& address, uint32_t value) {
  with_device(false, [&](Lent& lent) { return lent.device.write_config(address, value); });
}

void VfioCard::await_interrupt(uint32_t vector) {
  with_device(false, [&](Lent& lent) {
    if (lent.interrupts) lent.interrupts->unmask(vector);
    return true;
  });
}

Result<void> VfioCard::set_bus_master(bool enabled) {
  const bool taken = with_device(false, [&](Lent& lent) {
    return lent.device.set_command(Device::kBusMaster, enabled);
  });
  // A device that does not answer masters nothing.
  if (taken || !enabled) return {};
  return Error{Status::operation_failed, "the device does not take bus mastering"};
}

bool VfioCard::bus_master() {
  return with_device(false,
                     [](Lent& lent) { return lent.device.command(Device::kBusMaster); });
}

uint32_t VfioCard::pending_transactions() {
  return with_device(0u, [](Lent& lent) {
    return lent.device.has_pending_transactions() ? 1u : 0u;
  });
}

Result<void> VfioCard::reset() {
  if (!can_reset_) return Error{Status::not_implemented, "the device offers no reset"};
  const int system_errno =
      with_device(0, [](Lent& lent) { return lent.device.reset(); });
  if (system_errno == 0) return {};
  return Error{Status::operation_failed, "the device was not reset", system_errno};
}

void VfioCard::report(const LoggedFault& logged) {
  IommuFault fault;
  fault.address = logged.address;
  fault.direction = logged.is_write ? Direction::from_device : Direction::to_device;
  fault.at_ms = now_ms();
  space_.explain(fault);
  sink_.fault(fault);
}

void VfioCard::stop() {
  with_device(false, [](Lent& lent) {
    lent.device.set_command(Device::kBusMaster, false);
    const auto end = std::chrono::steady_clock::now() + kLongestWait;
    while (lent.device.has_pending_transactions() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (lent.device.can_reset()) lent.device.reset();
    return true;
  });
  std::unique_lock guard(lent_mutex_);
  if (lent_) lent_->interrupts.reset();
}

void VfioCard::release() {
  space_.shut();
  std::unique_lock guard(lent_mutex_);
  lent_.reset();
}

}  // namespace pinlab::vfio
