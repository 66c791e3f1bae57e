// A board as the host sees it: what every bus implements.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "direction.h"
#include "lock_table.h"
#include "result.h"
#include "write_trace.h"

namespace pinlab {

/// A register, as WD_Transfer addresses it: BAR number, bytes from the BAR's start (a multiple of
/// the width), width in bits.
struct RegisterAddress {
  uint32_t bar_index = 0;
  uint64_t offset = 0;
  uint32_t width = 32;
};

/// A place in PCI configuration space: bytes from its start (a multiple of the width), width in bits
/// (8, 16 or 32).
struct ConfigAddress {
  uint32_t offset = 0;
  uint32_t width = 32;
};

/// One write of a clean-up list (WD_CardCleanupSetup). Bits of `value` above the width are 0.
struct RegisterWrite {
  RegisterAddress address;
  uint64_t value = 0;
};

/// A window of registers that the board decodes.
struct Bar {
  uint32_t index = 0;
  uint64_t byte_length = 0;  ///< bytes from offset 0 on
};

/// Accesses of the board that its IOMMU refused: one, or several that were alike.
struct IommuFault {
  uint64_t address = 0;
  /// to_device: the board tried to read the memory; from_device: to write it.
  Direction direction = Direction::from_device;
  std::string channel;            ///< e.g. `c2h1`
  double at_ms = 0;               ///< milliseconds since the epoch
  bool mapped_otherwise = false;  ///< true: mapped, but against its direction; false: not mapped
  uint64_t nearest_handle = 0;    ///< 0 if there was never a lock
  uint64_t count = 1;             ///< how many; address, time and handle are the first one's
};

/// Where a card's messages go. Called from the card's own threads and from writers of registers,
/// with locks held: must not block and must not call the card.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// `count` messages, at least 1, on a vector, 0 .. kVectors - 1.
  virtual void interrupt(uint32_t vector, uint64_t count) = 0;
  /// One refused access; `fault` is the caller's.
  virtual void fault(const IommuFault& fault) = 0;
  /// The system wants the device back: it is being unplugged or unbound and waits for the card to be
  /// closed. May come more than once.
  virtual void removal() = 0;
};

/// Interrupt vectors of a card that can be armed, at most.
inline constexpr uint32_t kVectors = 32;

/// One opened card. Registers may be accessed from any thread.
class Card {
 public:
  Card() = default;
  virtual ~Card() = default;
  Card(const Card&) = delete;
  Card& operator=(const Card&) = delete;

  virtual const std::vector<Bar>& bars() const = 0;
  /// Bits of a device address that the board declares.
  virtual uint32_t address_bits() const = 0;
  /// The card's locks; lives as long as the card.
  virtual LockTable& locks() = 0;

  /// Bytes of configuration space: 256, or 4096 with PCI Express.
  virtual uint32_t config_byte_length() const = 0;
  /// Interrupt vectors that can be armed, 0 .. kVectors.
  virtual uint32_t vectors() const = 0;
  /// A handler of this vector is there, or has run. A bus on which an interrupt is masked when it
  /// fires lets the next one come. Any thread.
  virtual void await_interrupt(uint32_t /*vector*/) {}

  /// While it is off the board starts no access and sends no interrupt. Off after open: whoever
  /// drives the board switches it on when its engine is known to be idle. Reset leaves it.
  /// WD_OPERATION_FAILED when the device does not take it.
  virtual Result<void> set_bus_master(bool enabled) = 0;
  virtual bool bus_master() = 0;
  /// Accesses to host memory that are in flight now; a bus that cannot count them says 1.
  virtual uint32_t pending_transactions() = 0;
  /// Whether `reset` is to be had.
  virtual bool can_reset() const = 0;
  /// Function-level reset: engines stopped, registers as after power-up, locks kept. Blocks until
  /// done. WD_NOT_IMPLEMENTED where the device offers none.
  virtual Result<void> reset() = 0;

  /// What only a model of a board can do: brings back a link that a fault on purpose has lost, by a
  /// reset. Blocks. False: this card is none.
  virtual bool restore_link() { return false; }

  /// Mistakes of the driver that a model of a board has noticed, at most 64. Any thread.
  virtual std::vector<std::string> complaints() { return {}; }

  /// Checked access, and the check alone: WD_INVALID_HANDLE on a closed card, WD_INVALID_PARAMETER
  /// for a register that is not there. A write is a release barrier: the board sees all memory
  /// written before it. A read is an acquire barrier on both sides, so that a count that is read
  /// before and after a copy of memory tells whether the board came in between.
  Result<void> check(const RegisterAddress& address) const;
  Result<uint64_t> read_register(const RegisterAddress& address);
  Result<void> write_register(const RegisterAddress& address, uint64_t value);

  /// Configuration space. WD_INVALID_HANDLE on a closed card, WD_INVALID_PARAMETER for a place that
  /// is not there. All ones: nobody answered; what is written then is lost.
  Result<uint32_t> read_config(const ConfigAddress& address);
  Result<void> write_config(const ConfigAddress& address, uint32_t value);

  /// Writes that run first of all when the card is closed or the process exits, at most 4,096 in the
  /// place of those before. Checked now.
  Result<void> set_cleanup(std::vector<RegisterWrite> writes);

  /// From here on every write of a register is noted in a file, clean-up writes included. See
  /// WriteTrace::open.
  Result<void> trace_writes(const std::string& path) { return trace_.open(path); }

  /// False from the moment at which closing begins.
  bool is_open() const { return open_.load(std::memory_order_acquire); }

  /// Clean-up writes, engines stopped, all locks ended, then what the system lent given back.
  /// Blocks. The second caller waits for the first.
  void close();
  /// The part of `close` that matters when the process ends anyway: clean-up writes, engines
  /// stopped.
  void quiesce();

 protected:
  /// Registers that `check` has passed. Any thread; also called by `quiesce` on a closed card.
  virtual uint64_t read(const RegisterAddress& address) = 0;
  virtual void write(const RegisterAddress& address, uint64_t value) = 0;
  /// Configuration space that has been checked. Any thread.
  virtual uint32_t read(const ConfigAddress& address) = 0;
  virtual void write(const ConfigAddress& address, uint32_t value) = 0;
  /// Stops everything for good: no access and no message afterwards. Called once.
  virtual void stop() = 0;
  /// Gives back what belongs to the system, when nothing is locked any more. Called once, after
  /// `stop`; an access of another thread may still be under way.
  virtual void release() {}

 private:
  Result<void> check(const ConfigAddress& address) const;

  std::atomic<bool> open_{true};
  WriteTrace trace_;
  std::mutex close_mutex_;
  bool quiesced_ = false;
  std::mutex release_mutex_;
  bool released_ = false;
  std::mutex cleanup_mutex_;
  std::vector<RegisterWrite> cleanup_;
};

}  // namespace pinlab
