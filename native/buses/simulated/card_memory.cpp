#include "card_memory.h"

#include <algorithm>
#include <cstring>

namespace pinlab::simulated {
namespace {

/// One beat again and again, from its byte `position` on.
void repeat(std::byte* to, uint64_t byte_length, const std::byte* beat, uint64_t position) {
  for (uint64_t i = 0; i < byte_length; ++i) to[i] = beat[(position + i) % kBeatByteLength];
}

}  // namespace

std::byte* CardMemory::at(uint64_t address, uint64_t byte_length) const {
  const uint64_t whole = memory_->byte_length();
  if (address > whole || byte_length > whole - address) return nullptr;
  return memory_->data() + address;
}

Moved MemoryWriter::move(const Descriptor& descriptor, Engine& engine) {
  const uint64_t byte_length = descriptor_byte_length(descriptor);
  for (uint64_t done = 0; done < byte_length;) {
    if (engine.aborted()) return {.aborted = true};
    const auto span =
        engine.port().reach(descriptor.source + done, byte_length - done, Direction::to_device);
    if (span.outcome == HostPort::Outcome::bus_master_off) {
      engine.wait_for_bus_master();
      continue;
    }
    if (span.outcome == HostPort::Outcome::refused) {
      return {.error = status_bit::read_unsupported_request};
    }
    const bool fixed = engine.control() & control_bit::non_increment;
    const uint64_t reached = fixed ? std::min(span.byte_length, kBeatByteLength) : span.byte_length;
    std::byte* to = memory_.at(descriptor.destination + (fixed ? 0 : done), reached);
    if (!to) return {.error = status_bit::write_decode_error};
    // Of all that goes to one address, the last beat stays.
    std::memcpy(to, span.host + span.byte_length - reached, reached);
    done += span.byte_length;
  }
  return {};
}

void MemoryWriter::flip_bit(const Descriptor& descriptor, Engine&) {
  if (std::byte* at = memory_.at(descriptor.destination, 1)) *at ^= std::byte{0x80};
}

Moved MemoryReader::move(const Descriptor& descriptor, Engine& engine) {
  const uint64_t byte_length = descriptor_byte_length(descriptor);
  const bool fixed = engine.control() & control_bit::non_increment;
  const std::byte* from =
      memory_.at(descriptor.source, fixed ? std::min(byte_length, kBeatByteLength) : byte_length);
  if (!from) return {.error = status_bit::read_decode_error};
  for (uint64_t done = 0; done < byte_length;) {
    if (engine.aborted()) return {.aborted = true};
    const auto span = engine.port().reach(descriptor.destination + done, byte_length - done,
                                          Direction::from_device);
    if (span.outcome == HostPort::Outcome::bus_master_off) {
      engine.wait_for_bus_master();
      continue;
    }
    // Dropped up to the end of the descriptor: what is mapped behind the gap is not this write's
    // either.
    if (span.outcome == HostPort::Outcome::refused) return {};
    if (fixed) {
      repeat(span.host, span.byte_length, from, done);
    } else {
      std::memcpy(span.host, from + done, span.byte_length);
    }
    done += span.byte_length;
  }
  return {};
}

}  // namespace pinlab::simulated
