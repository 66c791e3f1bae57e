// One DMA channel of the XDMA endpoint: its registers, and the thread that walks its descriptors.
//
// Register facts: PG195 "H2C/C2H Channel Registers" and "SGDMA Registers"; the walk is that of its
// "Descriptors" chapter: blocks of adjacent descriptors, the last of which names the next block.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "complaints.h"
#include "fault_injector.h"
#include "iommu.h"
#include "irq_block.h"
#include "performance.h"

namespace pinlab::simulated {

/// 32 bytes in host memory, little-endian. Meaning of the addresses depends on the channel.
struct Descriptor {
  uint32_t control = 0;  ///< magic 0xAD4B in 31:16, Nxt_adj in 13:8, EOP 4, Completed 1, Stop 0
  uint32_t length = 0;   ///< bytes in 27:0
  uint64_t source = 0;
  uint64_t destination = 0;
  uint64_t next = 0;
};
static_assert(sizeof(Descriptor) == 32);

/// Bits of the status register (0x40, 0x44).
namespace status_bit {
inline constexpr uint32_t busy = 1u << 0;
inline constexpr uint32_t descriptor_stopped = 1u << 1;
inline constexpr uint32_t descriptor_completed = 1u << 2;
inline constexpr uint32_t align_mismatch = 1u << 3;
inline constexpr uint32_t magic_stopped = 1u << 4;
inline constexpr uint32_t invalid_length = 1u << 5;
inline constexpr uint32_t idle_stopped = 1u << 6;
inline constexpr uint32_t read_unsupported_request = 1u << 9;  ///< H2C: host read refused
inline constexpr uint32_t read_decode_error = 1u << 9;         ///< C2H: card read out of range
inline constexpr uint32_t write_decode_error = 1u << 14;       ///< H2C: card write out of range
inline constexpr uint32_t descriptor_unsupported_request = 1u << 19;
inline constexpr uint32_t descriptor_errors = 0x00F80000;  ///< 23:19
inline constexpr uint32_t errors = 0x00FFFE38;  ///< all of them: 3 to 5, 9 to 23
}  // namespace status_bit

/// Bits of the control register (0x04, 0x08, 0x0C).
namespace control_bit {
inline constexpr uint32_t run = 1u << 0;
inline constexpr uint32_t non_increment = 1u << 25;
inline constexpr uint32_t poll_mode = 1u << 26;
inline constexpr uint32_t stream_writeback_off = 1u << 27;
inline constexpr uint32_t all = (1u << 28) - 1;
}  // namespace control_bit

/// Bits of a descriptor's control word.
namespace descriptor_bit {
inline constexpr uint32_t stop = 1u << 0;
inline constexpr uint32_t completed = 1u << 1;
}  // namespace descriptor_bit

/// The datapath: what non-increment mode moves at once.
inline constexpr uint64_t kBeatByteLength = 32;

class Engine;

/// What one descriptor came to.
struct Moved {
  uint32_t error = 0;    ///< status bits; 0 = moved
  uint64_t missing = 0;  ///< bytes of the descriptor that a stream did not have
  bool aborted = false;  ///< ended by reset or close: nothing more may happen
};

/// What a channel moves between. One for each engine, used by its thread only.
class Mover {
 public:
  virtual ~Mover() = default;
  /// Moves the bytes of one descriptor and writes its result, if the channel has them.
  virtual Moved move(const Descriptor& descriptor, Engine& engine) = 0;
  /// Changes the highest bit of the first byte that the descriptor moved, where it arrived. Here:
  /// in host memory; H2C movers have their own.
  virtual void flip_bit(const Descriptor& descriptor, Engine& engine);
};

/// Thread-safe registers; one thread, started when the channel first runs, that sleeps on a
/// condition variable whenever it has nothing to move. Effects of a descriptor come in the order
/// data, result, completed count, status, interrupt.
class Engine {
 public:
  struct Identity {
    bool to_card = false;  ///< H2C
    bool stream = false;   ///< AXI-Stream
    uint32_t number = 0;   ///< within its direction
    uint32_t irq_bit = 0;  ///< packing order
  };

  /// All of them must outlive the engine.
  Engine(Identity identity, Iommu& iommu, IrqBlock& irq, Mover& mover, FaultInjector& faults,
         Complaints& complaints);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Channel registers (targets 0, 1) and SGDMA registers (targets 4, 5), offsets 0x00..0xFC.
  uint32_t read(uint32_t offset);
  void write(uint32_t offset, uint32_t value);
  uint32_t read_sgdma(uint32_t offset);
  void write_sgdma(uint32_t offset, uint32_t value);

  /// SGDMA common block: no descriptor is fetched while halted, and by credit only as many as there
  /// are credits.
  void set_fetch(bool halted, bool by_credit);

  /// Ends what is in progress without its descriptor's end, waits for it, and puts the registers
  /// back.
  void reset();
  /// The same for good: the thread ends.
  void shut();

  /// Something the engine may be waiting for has changed: bus mastering, samples.
  void wake();

  // For movers, on the engine's thread:

  /// e.g. `c2h1`.
  const std::string& name() const { return name_; }
  HostPort& port() { return port_; }
  uint32_t control() const { return control_.load(std::memory_order_relaxed); }
  bool run_cleared() const { return (control() & control_bit::run) == 0; }
  bool aborted() const { return abort_.load(std::memory_order_acquire); }
  /// Take a ticket, look whether there is something to do, and if not `wait` with it: a wake
  /// between the two is not lost. Returns at a wake or at the deadline. Releases the port first.
  uint64_t wake_ticket();
  void wait(uint64_t ticket, std::chrono::steady_clock::time_point deadline);
  /// Waits until bus mastering is on. False when aborted instead.
  bool wait_for_bus_master();

 private:
  void set_control(uint32_t value, std::unique_lock<std::mutex>& guard);
  bool start_thread();
  void run_loop();
  void walk();
  enum class Next { go_on, end };
  Next fetch(uint64_t address, uint32_t count, Descriptor* block);
  Next process(Descriptor descriptor);
  Moved move(const Descriptor& descriptor, const Strike& strike);
  Next complete(const Descriptor& descriptor, const Moved& moved);
  Next finish(uint32_t bits);
  uint32_t allowance(uint32_t count);
  void check_block(uint64_t address, uint32_t count);
  bool misaligned(const Descriptor& descriptor) const;
  void complain(const char* what);
  void prepare_log();
  // With the mutex held:
  void log(uint32_t bits);
  void write_poll_word(uint32_t bits);
  void add_credits(uint32_t credits);
  // Faults on purpose:
  bool is_stream_to_host() const { return identity_.stream && !identity_.to_card; }
  void misdirect(Descriptor& descriptor, const Strike& strike) const;
  bool outlast(const Strike& strike);
  void latch(uint32_t bits);
  void update_irq();

  const Identity identity_;
  const std::string name_;
  Iommu& iommu_;
  IrqBlock& irq_;
  Mover& mover_;
  FaultInjector& faults_;
  Complaints& complaints_;
  HostPort port_;

  std::mutex mutex_;  ///< guards what follows, up to the thread
  std::condition_variable changed_;
  std::atomic<uint32_t> control_{0};  ///< written under the mutex
  uint32_t status_ = 0;               ///< latches, without busy
  uint32_t interrupt_mask_ = 0;
  uint64_t first_descriptor_ = 0;
  uint32_t first_adjacent_ = 0;
  uint64_t poll_address_ = 0;
  PerformanceCounters performance_;
  std::atomic<bool> measured_{false};  ///< written under the mutex: the counters are armed
  uint32_t credits_ = 0;
  bool halted_ = false;
  bool by_credit_ = false;
  std::atomic<bool> start_wanted_{false};  ///< written under the mutex
  bool busy_ = false;
  bool exit_ = false;
  uint64_t wakes_ = 0;
  std::atomic<uint32_t> completed_{0};
  std::atomic<bool> abort_{false};
  std::thread thread_;
};

}  // namespace pinlab::simulated
