#include "engine.h"

namespace pinlab::simulated {
namespace {

/// Beyond every address that the IOMMU gives.
constexpr uint64_t kNowhere = 1ull << 44;
constexpr uint8_t kHighestBit = 0x80;

}  // namespace

void Mover::flip_bit(const Descriptor& descriptor, Engine& engine) {
  const auto span = engine.port().reach(descriptor.destination, 1, Direction::from_device);
  if (span.outcome == HostPort::Outcome::reached) *span.host ^= std::byte{kHighestBit};
  engine.port().release();
}

/// Makes of a descriptor what a faulty engine would carry out.
void Engine::misdirect(Descriptor& descriptor, const Strike& strike) const {
  if (strike.outside) (identity_.to_card ? descriptor.source : descriptor.destination) += kNowhere;
  if (!strike.short_transfer) return;
  descriptor.length /= 2;
  if (!is_stream_to_host()) return;
  // The buffers of a stream are whole multiples of 64 bytes, and this one is the last.
  descriptor.length &= ~63u;
  descriptor.control |= descriptor_bit::stop | descriptor_bit::completed;
}

/// Waits as long as the strike keeps the engine. False when reset or close ended it meanwhile.
bool Engine::outlast(const Strike& strike) {
  if (!strike.stall && !strike.late) return true;
  port_.release();
  std::unique_lock guard(mutex_);
  const auto ended = [this] { return aborted(); };
  if (strike.stall) return changed_.wait(guard, ended), false;
  changed_.wait_for(guard, std::chrono::milliseconds(strike.delay_ms), ended);
  return !aborted();
}

}  // namespace pinlab::simulated
