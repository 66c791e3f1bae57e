// The model of an IOMMU: gives locks device addresses and lets the device reach what is locked, no
// more.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../../core/card.h"
#include "../../core/device_addresses.h"
#include "../../core/interval_index.h"
#include "../../core/lock_table.h"

namespace pinlab::simulated {

/// Translation for one card. Thread-safe. Outlives the card's engines.
class Iommu : public AddressSpace {
 public:
  /// `fragmentation`: see DeviceAddresses.
  Iommu(uint32_t fragmentation, EventSink& sink);

  /// AddressSpace, see there. Exhausted addresses: WD_INSUFFICIENT_RESOURCES with the window as
  /// limit.
  Result<std::vector<Segment>> map(uint64_t handle, const LockPlan& plan,
                                   HostRange memory) override;
  void unmap(uint64_t handle) override;

  /// While off, `acquire` answers nothing; what is in flight goes on to its end.
  void set_bus_master(bool enabled) { bus_master_.store(enabled); }
  bool bus_master() const { return bus_master_.load(); }

  /// A reference to the mapping around `address`: from here on an access is in flight, until
  /// `release`. Null when nothing is mapped there; no answer while bus mastering is off.
  std::optional<std::shared_ptr<Mapping>> acquire(uint64_t address);
  /// Ends what `acquire` began; once for each mapping.
  void release(Mapping& mapping);
  /// Accesses in flight now.
  uint32_t in_flight() const { return in_flight_.load(); }

  /// Whether a lock that has ended lately had this address.
  bool is_freed(uint64_t address) const { return index_.is_freed(address); }

  /// Records a refused access and tells the sink.
  void refuse(uint64_t address, Direction direction, const std::string& channel,
              bool mapped_otherwise);

 private:
  EventSink& sink_;
  std::atomic<bool> bus_master_{false};
  std::atomic<uint32_t> in_flight_{0};
  IntervalIndex index_;
  DeviceAddresses addresses_;
};

/// One engine's way to host memory. Owned and used by one thread. It keeps its reference from one
/// access to the next of the same lock, because taking one for each 4 KiB would cost more than the
/// copy, but never for more than `kBurstByteLength`, so that unlock is prompt.
class HostPort {
 public:
  static constexpr uint64_t kBurstByteLength = 1u << 20;

  /// `channel` names the engine in faults.
  HostPort(Iommu& iommu, std::string channel) : iommu_(iommu), channel_(std::move(channel)) {}
  ~HostPort() { release(); }
  HostPort(const HostPort&) = delete;
  HostPort& operator=(const HostPort&) = delete;

  /// bus_master_off: wait for it (Engine::wait_for_bus_master) and try again.
  enum class Outcome { reached, refused, bus_master_off };
  struct Span {
    Outcome outcome = Outcome::refused;
    std::byte* host = nullptr;  ///< valid until the next call on this port
    uint64_t byte_length = 0;   ///< contiguous from there, at most what was wanted
  };

  /// The host memory at a device address for an access in one direction. A refusal is recorded.
  Span reach(uint64_t address, uint64_t byte_length, Direction direction);

  /// Lets go. Must be called before the engine waits for anything.
  void release();

  /// Reads or writes all of a range at once; for descriptors and results.
  Outcome read(uint64_t address, void* to, uint64_t byte_length);
  Outcome write(uint64_t address, const void* from, uint64_t byte_length);

  /// Whether an access was refused since the last call because its memory had been unlocked.
  bool took_unlocked() { return std::exchange(unlocked_, false); }

 private:
  bool holds(uint64_t address) const;

  Iommu& iommu_;
  const std::string channel_;
  std::shared_ptr<Mapping> mapping_;
  size_t hint_ = 0;
  uint64_t burst_ = 0;
  bool unlocked_ = false;
};

}  // namespace pinlab::simulated
