// The simulated bus: a card that is a software model of AMD/Xilinx's XDMA endpoint with user logic.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../../core/card.h"
#include "adc.h"
#include "card_memory.h"
#include "config_space.h"
#include "engine.h"
#include "fault_block.h"
#include "iommu.h"
#include "irq_block.h"
#include "fetch_control.h"
#include "user_logic.h"

namespace pinlab::simulated {

/// What a channel reaches: the board's memory (AXI-MM), or a stream (AXI-ST).
enum class H2cKind { memory, dac };
enum class C2hKind { memory, adc };

/// One simulated board. Checked by `open`.
struct Config {
  std::vector<H2cKind> h2c;                   ///< 1 to 4
  std::vector<C2hKind> c2h;                   ///< 1 to 4
  uint64_t memory_byte_length = 64ull << 20;  ///< card memory, 1 byte to 64 GiB
  uint32_t fragmentation = 0;                 ///< see Iommu
  RecordingFile recording;                    ///< no path: none
  std::vector<Fault> faults;                  ///< armed at power-up and by each reset
};

/// BAR 0 is the user logic (user_logic.h), BAR 1 the DMA block, 64 KiB. Registers are 32 bits:
/// narrower reads give their part of the word, narrower writes are ignored by the block, 64 bits
/// are two accesses, low word first. Offsets that mean nothing read 0.
class SimulatedCard : public Card {
 public:
  /// `sink` must outlive the card. Blocks (reads the recording). WD_INVALID_PARAMETER for a
  /// configuration or a recording that cannot be.
  static Result<std::shared_ptr<Card>> open(const Config& config, EventSink& sink);
  /// Closes the card if nobody has; joins the engines' threads.
  ~SimulatedCard() override;

  const std::vector<Bar>& bars() const override { return bars_; }
  /// What the alignments register says.
  uint32_t address_bits() const override { return 64; }
  LockTable& locks() override { return locks_; }
  uint32_t config_byte_length() const override { return ConfigSpace::kByteLength; }
  uint32_t vectors() const override { return kVectors; }
  /// Engines wait while it is off; a descriptor in progress is not lost.
  Result<void> set_bus_master(bool enabled) override;
  bool bus_master() override { return config_space_.bus_master(); }
  uint32_t pending_transactions() override { return iommu_.in_flight(); }
  bool can_reset() const override { return true; }
  /// Engines first, then user logic and masks. Card memory keeps its contents. A lost link stays
  /// lost, as a function-level reset does not reach a device that does not answer.
  Result<void> reset() override;
  /// Resets, and the link is back.
  bool restore_link() override;
  std::vector<std::string> complaints() override { return complaints_.all(); }

 protected:
  uint64_t read(const RegisterAddress& address) override;
  void write(const RegisterAddress& address, uint64_t value) override;
  uint32_t read(const ConfigAddress& address) override;
  void write(const ConfigAddress& address, uint32_t value) override;
  void stop() override;

 private:
  SimulatedCard(const Config& config, EventSink& sink, std::shared_ptr<HostMemory> memory,
                std::shared_ptr<const Recording> recording);
  void add_engine(bool to_card, bool stream, uint32_t number, std::unique_ptr<Mover> mover);
  void wake_engines();
  void lose_link();
  void strike_board(FaultKind kind);
  /// What the board may do follows from bus mastering and the link.
  void apply_reach();
  void take_command();
  /// Whether anybody answers at the BARs.
  bool answers() const { return link_up_.load() && config_space_.memory(); }
  bool drops_interrupt(uint32_t bit);
  /// The engine that a channel or SGDMA offset names; null for a channel that is not there.
  Engine* engine_at(uint32_t offset, bool to_card);
  uint32_t read_word(uint32_t bar_index, uint32_t offset);
  void write_word(uint32_t bar_index, uint32_t offset, uint32_t value);
  uint32_t read_config_block(uint32_t offset) const;

  // In the order in which they need one another.
  const std::vector<Bar> bars_;
  const Config config_;
  std::mutex reset_mutex_;  ///< one reset at a time, or one would lift the other's abort
  std::mutex reach_mutex_;
  ConfigSpace config_space_;
  std::atomic<bool> link_up_{true};
  Complaints complaints_;
  FaultInjector faults_;
  FaultBlock fault_block_{faults_};
  Iommu iommu_;
  IrqBlock irq_;
  CardMemory memory_;
  LockTable locks_{iommu_};
  std::vector<std::unique_ptr<Mover>> movers_;
  std::unique_ptr<UserLogic> user_logic_;
  /// Packing order. After what their threads use, so that those end first.
  std::vector<std::unique_ptr<Engine>> engines_;
  FetchControl fetch_control_;
};

}  // namespace pinlab::simulated
