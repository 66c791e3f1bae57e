// Faults on purpose: what a simulated board does wrong, on which channel, and when.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

namespace pinlab::simulated {

/// FAULT_SELECT.
enum class FaultKind : uint32_t {
  none = 0,
  stall = 1,            ///< the engine stays busy at a descriptor; only reset ends it
  short_transfer = 2,   ///< half of a descriptor is moved and the engine is idle
  link_lost = 3,        ///< all registers read all ones, the device accesses nothing
  iommu_fault = 4,      ///< a descriptor's data goes to, or comes from, where nothing is locked
  lost_interrupt = 5,   ///< a message is dropped
  data_flip = 6,        ///< the highest bit of a descriptor's first byte arrives wrong
  late_completion = 7,  ///< count, status and interrupt come after a delay
  wrong_magic = 8,      ///< a descriptor arrives without its magic number
  error_bits = 9,       ///< a descriptor moves nothing and ends with error bits of the status
  bus_master_off = 10,  ///< the device may access nothing until bus mastering is turned on again
};
inline constexpr uint32_t kFaultKinds = 11;

/// Status bits that `error_bits` may set: those that PG195 gives a channel of this direction, without
/// magic_stopped, which is a fault of its own. 3 alignment, 5 length, 13:9 read (C2H: 10:9), 15:14
/// write (H2C), 23:19 descriptor.
constexpr uint32_t injectable_bits(bool to_card) { return to_card ? 0x00F8FE28 : 0x00F80628; }

/// One fault of one channel. It lets `skip` descriptors (lost_interrupt: messages) go by and then
/// strikes `count` times in a row.
struct Fault {
  FaultKind kind = FaultKind::none;
  bool to_card = false;  ///< an H2C channel
  uint32_t number = 0;   ///< of the channel, within its direction
  uint32_t count = 1;
  uint32_t skip = 0;
  uint32_t delay_ms = 100;  ///< late_completion only
  uint32_t bits = 1u << 10;  ///< error_bits only; those that the channel does not have are left out
};

/// Faults armed at once, at most; more are ignored.
inline constexpr size_t kMaxFaults = 64;

/// What happens to one descriptor.
struct Strike {
  bool stall = false;
  bool short_transfer = false;
  bool outside = false;
  bool flip = false;
  bool late = false;
  uint32_t delay_ms = 0;
  bool wrong_magic = false;
  uint32_t error_bits = 0;
};

/// Keeps the armed faults and says when they strike. Thread-safe. Its mutex is the innermost one.
class FaultInjector {
 public:
  /// `at_power_up` are armed now and by each reset. `strike_board` does link_lost and bus_master_off,
  /// which are not a channel's alone; it is called on an engine's thread, without a mutex held.
  FaultInjector(std::vector<Fault> at_power_up, std::function<void(FaultKind)> strike_board);

  void arm(const Fault& fault);
  void disarm_all();
  /// Armed is what is armed at power-up, and nothing has struck yet.
  void reset();

  /// A channel begins a descriptor. Costs one atomic read while nothing is armed.
  Strike strike(bool to_card, uint32_t number);
  /// A channel's message is about to be sent: true when it is to be dropped.
  bool drops_interrupt(bool to_card, uint32_t number);

  /// Faults that have not struck for the last time, and strikes since reset.
  uint32_t armed() const { return armed_.load(std::memory_order_acquire); }
  uint32_t struck() const { return struck_.load(); }

 private:
  /// With the mutex held: whether this one strikes now; counts.
  bool take(Fault& fault);
  void drop_spent();

  const std::vector<Fault> at_power_up_;
  const std::function<void(FaultKind)> strike_board_;
  std::mutex mutex_;
  std::vector<Fault> faults_;
  std::atomic<uint32_t> armed_{0};
  std::atomic<uint32_t> struck_{0};
};

}  // namespace pinlab::simulated
