#include "adc.h"

#include <algorithm>
#include <numeric>

#include "card_memory.h"

namespace pinlab::simulated {
namespace {

constexpr uint32_t kResultMagic = 0x52B4;
constexpr uint64_t kMaxTakenByteLength = 256u << 10;

/// Written by the core at the descriptor's source address.
struct StreamResult {
  uint32_t status;  ///< magic in 31:16, EOP in bit 0
  uint32_t length;  ///< bytes
};

}  // namespace

Moved AdcMover::move(const Descriptor& descriptor, Engine& engine) {
  if (descriptor_byte_length(descriptor) % 64 != 0) return {.error = status_bit::invalid_length};
  fifo_.begin_descriptor();
  const Filled filled = fill(descriptor, engine);
  fifo_.end_descriptor();
  engine.port().release();
  if (filled.aborted) return {.aborted = true};
  const uint64_t missing = descriptor_byte_length(descriptor) - filled.byte_length;
  if (engine.control() & control_bit::stream_writeback_off) return {.missing = missing};
  const StreamResult result{kResultMagic << 16 | (filled.end_of_packet ? 1u : 0u),
                            static_cast<uint32_t>(filled.byte_length)};
  while (engine.port().write(descriptor.source, &result, sizeof result) ==
         HostPort::Outcome::bus_master_off) {
    if (!engine.wait_for_bus_master()) return {.aborted = true};
  }
  return {.missing = missing};
}

AdcMover::Filled AdcMover::fill(const Descriptor& descriptor, Engine& engine) {
  const uint64_t byte_length = descriptor_byte_length(descriptor);
  Filled filled;
  while (filled.byte_length < byte_length) {
    if (!engine.wait_for_bus_master()) return {.aborted = true};
    const uint64_t ticket = engine.wake_ticket();
    const auto now = AdcFifo::Clock::now();
    const uint64_t wanted = std::min(byte_length - filled.byte_length, kMaxTakenByteLength);
    const auto taken = fifo_.take(wanted, now);
    if (fifo_.dropped(now).grown) on_overrun_();
    if (taken.byte_length > 0) {
      if (!deliver(taken, descriptor.destination + filled.byte_length, engine))
        return {.aborted = true};
      filled.byte_length += taken.byte_length;
    } else if (taken.end_of_packet || (!taken.enabled && engine.run_cleared())) {
      filled.end_of_packet = true;
      return filled;
    } else {
      engine.wait(ticket, taken.next);
    }
    if (engine.aborted()) return {.aborted = true};
  }
  return filled;
}

/// False when aborted. Bytes for addresses that the IOMMU refuses are dropped.
bool AdcMover::deliver(const AdcFifo::Taken& taken, uint64_t address, Engine& engine) {
  for (uint64_t done = 0; done < taken.byte_length;) {
    const auto span =
        engine.port().reach(address + done, taken.byte_length - done, Direction::from_device);
    if (span.outcome == HostPort::Outcome::bus_master_off) {
      if (!engine.wait_for_bus_master()) return false;
      continue;
    }
    if (span.outcome == HostPort::Outcome::refused) return true;
    render(taken.signal, taken.position + done, span.host, span.byte_length);
    done += span.byte_length;
  }
  return true;
}

Moved DacMover::move(const Descriptor& descriptor, Engine& engine) {
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
    const auto* bytes = reinterpret_cast<const uint8_t*>(span.host);
    sum_.fetch_add(std::accumulate(bytes, bytes + span.byte_length, uint32_t{0}));
    consumed_.fetch_add(span.byte_length);
    done += span.byte_length;
  }
  return {};
}

void DacMover::flip_bit(const Descriptor&, Engine&) { sum_.fetch_xor(0x80); }

void DacMover::reset() {
  consumed_.store(0);
  sum_.store(0);
}

}  // namespace pinlab::simulated
