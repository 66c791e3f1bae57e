// The VFIO bus: a real PCI device, in user space.
//
// Source: Documentation/driver-api/vfio.rst of the kernel, type 1 IOMMU, and linux/vfio.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "../../core/card.h"
#include "bar.h"
#include "container.h"
#include "device.h"
#include "interrupts.h"
#include "iova_space.h"

namespace pinlab::vfio {

/// One device behind VFIO.
struct Config {
  std::string address;          ///< PCI address, e.g. `0000:01:00.0`
  uint32_t address_width = 64;  ///< bits of a device address that its engine can put out
  uint32_t fragmentation = 0;   ///< see IovaSpace
};

/// A board alone in its container. BARs are those of memory and of I/O ports; configuration space is
/// as VFIO shows it, which keeps some of it to itself.
class VfioCard : public Card {
 public:
  /// Opens the device with bus mastering off and memory decoding on, before anything is mapped for
  /// it. Blocks. What a dead process left undone in the device is the driver's to end. `sink` must
  /// outlive the card. Refusals: see find_device and Container::open.
  static Result<std::shared_ptr<Card>> open(const Config& config, EventSink& sink);
  ~VfioCard() override;

  const std::vector<Bar>& bars() const override { return bars_; }
  uint32_t address_bits() const override { return config_.address_width; }
  LockTable& locks() override { return locks_; }
  uint32_t config_byte_length() const override { return config_byte_length_; }
  uint32_t vectors() const override { return vectors_; }
  void await_interrupt(uint32_t vector) override;
  Result<void> set_bus_master(bool enabled) override;
  bool bus_master() override;
  uint32_t pending_transactions() override;
  bool can_reset() const override { return can_reset_; }
  Result<void> reset() override;

 protected:
  uint64_t read(const RegisterAddress& address) override;
  void write(const RegisterAddress& address, uint64_t value) override;
  uint32_t read(const ConfigAddress& address) override;
  void write(const ConfigAddress& address, uint32_t value) override;
  /// Bus mastering off, transactions waited for, the function reset where that is offered.
  void stop() override;
  void release() override;

 private:
  /// What the system lends, in the order in which it is opened.
  struct Lent {
    std::unique_ptr<Container> container;
    Device device;
    std::vector<MappedBar> mapped_bars;
    std::optional<Interrupts> interrupts;
  };
  VfioCard(const Config& config, std::unique_ptr<Lent> lent, EventSink& sink);
  void report(const LoggedFault& logged);
  const MappedBar* mapped_bar(uint32_t index) const;
  template <class Answer, class Access>
  Answer with_device(Answer otherwise, Access access);

  const Config config_;
  EventSink& sink_;
  /// Shared by accesses, exclusive for `release`.
  std::shared_mutex lent_mutex_;
  std::unique_ptr<Lent> lent_;  ///< null once given back
  std::vector<Bar> bars_;
  uint32_t config_byte_length_ = 0;
  uint32_t vectors_ = 0;
  bool can_reset_ = false;
  IovaSpace space_;
  LockTable locks_{space_};
};

}  // namespace pinlab::vfio
