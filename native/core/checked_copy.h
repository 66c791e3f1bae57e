// Copies of a ring that the board goes on filling, checked against the counter of what it has
// completed: a sequence lock whose writer is the board.
#pragma once

#include <cstddef>
#include <cstdint>

#include "card.h"

namespace pinlab {

/// Which steps of a ring, blocks or descriptors, have filled the memory that is copied, and where the
/// board counts its steps.
struct RingSteps {
  /// Steps completed since the ring was started, modulo 2^width. A step is counted only when all of
  /// its bytes are in memory, and the next one begins only then.
  RegisterAddress counter;
  uint64_t per_lap = 1;
  /// By their number since the start: from `first` up to but not `end`.
  uint64_t first = 0;
  uint64_t end = 1;
};

/// Whether nothing was written to the memory of those steps while the counter went from `before` to
/// `after`: they were completed, and the board had not come round to the first of them. Pure; all
/// counts modulo 2^width.
bool stayed_whole(const RingSteps& steps, uint64_t before, uint64_t after);

/// Copies `byte_length` bytes and says whether what was copied is of one piece. If not, `to` holds
/// whatever. WD_INVALID_PARAMETER for steps that are none or more than a lap, and as
/// Card::read_register. Blocks for as long as the copy takes; any thread.
Result<bool> copy_checked(Card& card, const RingSteps& steps, const std::byte* from, std::byte* to,
                          uint64_t byte_length);

}  // namespace pinlab
