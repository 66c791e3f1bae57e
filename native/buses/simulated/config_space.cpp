#include "config_space.h"

namespace pinlab::simulated {
namespace {

/// Bits of the command register that can be set.
constexpr uint32_t kCommandBits = 0x0546;
constexpr uint32_t kCapabilities = 1u << 20;

uint32_t field(const ConfigAddress& address) {
  return address.width == 32 ? UINT32_MAX : (1u << address.width) - 1;
}

}  // namespace

uint32_t ConfigSpace::word(uint32_t offset, bool pending) const {
  switch (offset) {
    case 0x00: return 0x903F10EE;
    case 0x04: return command_.load() | kCapabilities;
    case 0x08: return 0x05800000;
    case 0x2C: return 0x000710EE;
    case 0x34: return 0x60;
    case 0x60: return 0x80000000 | (kVectors - 1) << 16 | 0x70 << 8 | 0x11;
    case 0x70: return 0x00020010;
    case 0x74: return 1u << 28 | 1u << 15 | 1;  // FLR, role-based errors, 256 bytes of payload
    case 0x78: return (pending ? 1u << 21 : 0) | 0x2810;
    default: return 0;
  }
}

uint32_t ConfigSpace::read(const ConfigAddress& address, bool pending) const {
  const uint32_t shift = 8 * (address.offset & 3);
  return word(address.offset & ~3u, pending) >> shift & field(address);
}

void ConfigSpace::write(const ConfigAddress& address, uint32_t value) {
  if ((address.offset & ~3u) != 0x04) return;
  const uint32_t shift = 8 * (address.offset & 3);
  const uint32_t mask = field(address) << shift & kCommandBits;
  uint32_t before = command_.load();
  while (!command_.compare_exchange_weak(before, (before & ~mask) | (value << shift & mask))) {
  }
}

void ConfigSpace::set_bus_master(bool enabled) {
  enabled ? command_.fetch_or(kBusMaster) : command_.fetch_and(~kBusMaster);
}

}  // namespace pinlab::simulated
