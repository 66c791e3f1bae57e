#include "irq_block.h"

namespace pinlab::simulated {
namespace {

void set_bit(uint32_t& word, uint32_t bit, bool level) {
  word = level ? word | (1u << bit) : word & ~(1u << bit);
}

}  // namespace

void IrqBlock::set_channel(uint32_t bit, bool level) {
  std::lock_guard guard(mutex_);
  set_bit(channel_.pending, bit, level);
  update(channel_);
}

void IrqBlock::set_user(uint32_t bit, bool level) {
  std::lock_guard guard(mutex_);
  set_bit(user_.pending, bit, level);
  update(user_);
}

void IrqBlock::set_bus_master(bool enabled) {
  std::lock_guard guard(mutex_);
  bus_master_ = enabled;
  update_all();
}

void IrqBlock::update(Group& group) {
  const uint32_t request = bus_master_ ? group.pending & group.mask : 0;
  uint32_t rising = request & ~group.sent;
  group.sent = request;
  for (uint32_t bit = 0; rising != 0; ++bit, rising >>= 1) {
    if ((rising & 1) == 0) continue;
    if (&group == &channel_ && drops_(bit)) continue;
    sink_.interrupt(group.vectors[bit], 1);
  }
}

void IrqBlock::update_all() {
  update(channel_);
  update(user_);
}

uint32_t IrqBlock::pack(const Group& group, uint32_t first) {
  uint32_t value = 0;
  for (uint32_t i = 0; i < 4; ++i) value |= uint32_t{group.vectors[first + i]} << (8 * i);
  return value;
}

void IrqBlock::unpack(Group& group, uint32_t first, uint32_t value) {
  for (uint32_t i = 0; i < 4; ++i) group.vectors[first + i] = (value >> (8 * i)) & 0x1F;
}

uint32_t IrqBlock::read(uint32_t offset) {
  std::lock_guard guard(mutex_);
  switch (offset) {
    case 0x00: return 0x1FC20006;
    case 0x04: return user_.mask;
    case 0x10: return channel_.mask;
    case 0x40: return user_.pending & user_.mask;
    case 0x44: return channel_.pending & channel_.mask;
    case 0x48: return user_.pending;
    case 0x4C: return channel_.pending;
    case 0x80:
    case 0x84:
    case 0x88:
    case 0x8C: return pack(user_, offset - 0x80);
    case 0xA0:
    case 0xA4: return pack(channel_, offset - 0xA0);
    default: return 0;
  }
}

void IrqBlock::write(uint32_t offset, uint32_t value) {
  std::lock_guard guard(mutex_);
  const uint32_t user = value & 0xFFFF;
  const uint32_t channel = value & channel_bits_;
  switch (offset) {
    case 0x04: user_.mask = user; break;
    case 0x08: user_.mask |= user; break;
    case 0x0C: user_.mask &= ~user; break;
    case 0x10: channel_.mask = channel; break;
    case 0x14: channel_.mask |= channel; break;
    case 0x18: channel_.mask &= ~channel; break;
    case 0x80:
    case 0x84:
    case 0x88:
    case 0x8C: unpack(user_, offset - 0x80, value); break;
    case 0xA0:
    case 0xA4: unpack(channel_, offset - 0xA0, value); break;
    default: return;
  }
  update_all();
}

void IrqBlock::reset() {
  std::lock_guard guard(mutex_);
  for (Group* group : {&channel_, &user_}) {
    group->mask = 0;
    for (uint8_t& vector : group->vectors) vector = 0;
  }
  update_all();
}

}  // namespace pinlab::simulated
