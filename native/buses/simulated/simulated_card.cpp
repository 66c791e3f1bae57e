#include "simulated_card.h"

#include <algorithm>

namespace pinlab::simulated {
namespace {

constexpr uint64_t kDmaBlockByteLength = 64u << 10;
constexpr uint64_t kMaxMemoryByteLength = 64ull << 30;
constexpr size_t kMaxChannels = 4;

bool is_injectable(const Fault& fault) {
  return fault.bits != 0 && (fault.bits & ~injectable_bits(fault.to_card)) == 0;
}

Result<void> check_config(const Config& config) {
  const auto fits = [](size_t channels) { return channels >= 1 && channels <= kMaxChannels; };
  if (!fits(config.h2c.size()) || !fits(config.c2h.size())) {
    return invalid_parameter("a card has 1 to 4 channels in each direction");
  }
  if (config.memory_byte_length == 0 || config.memory_byte_length > kMaxMemoryByteLength) {
    return invalid_parameter("card memory is 1 byte to 64 GiB");
  }
  for (const Fault& fault : config.faults) {
    const auto& channels = fault.to_card ? config.h2c.size() : config.c2h.size();
    if (fault.number >= channels) return invalid_parameter("a fault names a channel that is not there");
    if (fault.kind == FaultKind::error_bits && !is_injectable(fault)) {
      return invalid_parameter("a fault's bits are not error bits of its channel");
    }
  }
  if (config.faults.size() > kMaxFaults) return invalid_parameter("at most 64 faults are armed");
  const auto& raw = config.recording.raw;
  if (raw && (raw->channels == 0 || raw->channels > kMaxRecordingChannels)) {
    return invalid_parameter("a recording has 1 to 64 channels");
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<Card>> SimulatedCard::open(const Config& config, EventSink& sink) {
  if (auto checked = check_config(config); !checked.ok()) return checked.error();
  std::shared_ptr<const Recording> recording;
  if (!config.recording.path.empty()) {
    auto read = read_recording(config.recording);
    if (!read.ok()) return read.error();
    recording = read.value();
  }
  auto memory = HostMemory::allocate(config.memory_byte_length);
  if (!memory.ok()) return memory.error();
  return std::shared_ptr<Card>(new SimulatedCard(config, sink, memory.value(), recording));
}

SimulatedCard::SimulatedCard(const Config& config, EventSink& sink,
                             std::shared_ptr<HostMemory> memory,
                             std::shared_ptr<const Recording> recording)
    : bars_{{0, UserLogic::kByteLength}, {1, kDmaBlockByteLength}},
      config_(config),
      faults_(config.faults, [this](FaultKind kind) { strike_board(kind); }),
      iommu_(config.fragmentation, sink),
      irq_(sink, static_cast<uint32_t>(config.h2c.size() + config.c2h.size()),
           [this](uint32_t bit) { return drops_interrupt(bit); }),
      memory_(std::move(memory)),
      fetch_control_([this](bool to_card, uint32_t number, bool halted, bool by_credit) {
        Engine* engine = engine_at(number << 8, to_card);
        if (engine) engine->set_fetch(halted, by_credit);
      }) {
  std::vector<AdcMover*> adcs;
  std::vector<DacMover*> dacs;
  for (uint32_t n = 0; n < config.h2c.size(); ++n) {
    if (config.h2c[n] == H2cKind::memory) {
      add_engine(true, false, n, std::make_unique<MemoryWriter>(memory_));
      continue;
    }
    auto dac = std::make_unique<DacMover>();
    dacs.push_back(dac.get());
    add_engine(true, true, n, std::move(dac));
  }
  for (uint32_t n = 0; n < config.c2h.size(); ++n) {
    if (config.c2h[n] == C2hKind::memory) {
      add_engine(false, false, n, std::make_unique<MemoryReader>(memory_));
      continue;
    }
    auto adc = std::make_unique<AdcMover>([this] { user_logic_->overrun(); });
    adcs.push_back(adc.get());
    add_engine(false, true, n, std::move(adc));
  }
  user_logic_ = std::make_unique<UserLogic>(irq_, std::move(adcs), std::move(dacs),
                                            std::move(recording), [this] { wake_engines(); });
}

SimulatedCard::~SimulatedCard() { close(); }

void SimulatedCard::add_engine(bool to_card, bool stream, uint32_t number,
                               std::unique_ptr<Mover> mover) {
  const auto irq_bit = static_cast<uint32_t>(engines_.size());
  engines_.push_back(std::make_unique<Engine>(Engine::Identity{to_card, stream, number, irq_bit},
                                              iommu_, irq_, *mover, faults_, complaints_));
  movers_.push_back(std::move(mover));
}

void SimulatedCard::wake_engines() {
  for (auto& engine : engines_) engine->wake();
}

Result<void> SimulatedCard::set_bus_master(bool enabled) {
  config_space_.set_bus_master(enabled);
  take_command();
  return {};
}

void SimulatedCard::take_command() {
  {
    std::lock_guard guard(reach_mutex_);
    apply_reach();
  }
  wake_engines();
}

void SimulatedCard::apply_reach() {
  const bool reaches = config_space_.bus_master() && link_up_.load();
  iommu_.set_bus_master(reaches);
  irq_.set_bus_master(reaches);
}

void SimulatedCard::lose_link() {
  std::lock_guard guard(reach_mutex_);
  link_up_.store(false);
  apply_reach();
}

void SimulatedCard::strike_board(FaultKind kind) {
  if (kind == FaultKind::link_lost) return lose_link();
  config_space_.set_bus_master(false);
  take_command();
}

bool SimulatedCard::restore_link() {
  if (auto done = reset(); !done.ok()) return false;
  {
    std::lock_guard guard(reach_mutex_);
    link_up_.store(true);
    apply_reach();
  }
  wake_engines();
  return true;
}

bool SimulatedCard::drops_interrupt(uint32_t bit) {
  const auto h2c = static_cast<uint32_t>(config_.h2c.size());
  return faults_.drops_interrupt(bit < h2c, bit < h2c ? bit : bit - h2c);
}

Result<void> SimulatedCard::reset() {
  std::lock_guard guard(reset_mutex_);
  for (auto& engine : engines_) engine->reset();
  user_logic_->reset();
  irq_.reset();
  fetch_control_.reset();
  fault_block_.reset();
  faults_.reset();
  return {};
}

void SimulatedCard::stop() {
  for (auto& engine : engines_) engine->shut();
}

uint64_t SimulatedCard::read(const RegisterAddress& address) {
  const auto offset = static_cast<uint32_t>(address.offset);
  if (!answers()) return ~0ull >> (64 - address.width);
  if (address.width == 64) {
    const uint64_t low = read_word(address.bar_index, offset);
    return low | uint64_t{read_word(address.bar_index, offset + 4)} << 32;
  }
  const uint32_t word = read_word(address.bar_index, offset & ~3u);
  return (word >> (8 * (offset & 3))) & ((1ull << address.width) - 1);
}

void SimulatedCard::write(const RegisterAddress& address, uint64_t value) {
  const auto offset = static_cast<uint32_t>(address.offset);
  if (address.width < 32 || !answers()) return;
  write_word(address.bar_index, offset, static_cast<uint32_t>(value));
  if (address.width == 64)
    write_word(address.bar_index, offset + 4, static_cast<uint32_t>(value >> 32));
}

uint32_t SimulatedCard::read(const ConfigAddress& address) {
  if (!link_up_.load()) return UINT32_MAX >> (32 - address.width);
  return config_space_.read(address, iommu_.in_flight() > 0);
}

void SimulatedCard::write(const ConfigAddress& address, uint32_t value) {
  if (!link_up_.load()) return;
  config_space_.write(address, value);
  take_command();
}

Engine* SimulatedCard::engine_at(uint32_t offset, bool to_card) {
  const uint32_t number = (offset >> 8) & 0xF;
  if (number >= (to_card ? config_.h2c.size() : config_.c2h.size())) return nullptr;
  return engines_[to_card ? number : config_.h2c.size() + number].get();
}

uint32_t SimulatedCard::read_word(uint32_t bar_index, uint32_t offset) {
  if (bar_index == 0) {
    return FaultBlock::has(offset) ? fault_block_.read(offset) : user_logic_->read(offset);
  }
  const uint32_t target = offset >> 12;
  switch (target) {
    case 0:
    case 1: {
      Engine* engine = engine_at(offset, target == 0);
      return engine ? engine->read(offset & 0xFF) : 0;
    }
    case 2: return irq_.read(offset & 0xFFF);
    case 3: return read_config_block(offset & 0xFFF);
    case 4:
    case 5: {
      Engine* engine = engine_at(offset, target == 4);
      return engine ? engine->read_sgdma(offset & 0xFF) : 0;
    }
    case 6: return fetch_control_.read(offset & 0xFFF);
    default: return 0;
  }
}

void SimulatedCard::write_word(uint32_t bar_index, uint32_t offset, uint32_t value) {
  if (bar_index == 0) {
    return FaultBlock::has(offset) ? fault_block_.write(offset, value)
                                   : user_logic_->write(offset, value);
  }
  const uint32_t target = offset >> 12;
  if (target == 2) return irq_.write(offset & 0xFFF, value);
  if (target == 6) return fetch_control_.write(offset & 0xFFF, value);
  if (target != 0 && target != 1 && target != 4 && target != 5) return;
  Engine* engine = engine_at(offset, target == 0 || target == 4);
  if (!engine) return;
  target < 2 ? engine->write(offset & 0xFF, value) : engine->write_sgdma(offset & 0xFF, value);
}

/// Target 3: constants of a x8 board at 01:00.0 with a 256-bit datapath and MSI-X on.
uint32_t SimulatedCard::read_config_block(uint32_t offset) const {
  switch (offset) {
    case 0x00: return 0x1FC30006;
    case 0x04: return 0x0100;  // bus 1, device 0, function 0
    case 0x08: return 1;       // max payload 256 bytes
    case 0x0C: return 2;       // max read request 512 bytes
    case 0x10: return 0x504C;  // system id
    case 0x14: return 2;       // MSI-X enabled
    case 0x18: return 2;       // 256 bits
    case 0x1C: return 1;       // relaxed ordering on read requests
    case 0x40:
    case 0x44: return 0x55;  // 4096 bytes, effective and programmed
    default: return 0;
  }
}

}  // namespace pinlab::simulated
