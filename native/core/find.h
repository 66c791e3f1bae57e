// Where a pattern of bytes occurs in memory, while a board may go on writing there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pinlab {

/// What is looked for: the bits that are set in the mask must agree. Both have `byte_length` bytes, 1
/// or more.
struct Needle {
  const std::byte* bytes;
  const std::byte* mask;
  uint64_t byte_length;
};

/// Where an occurrence may begin: at `from` and after it, before `end`, at multiples of `alignment`
/// (1 or more). Offsets count from the start of the memory.
struct FindRange {
  uint64_t from;
  uint64_t end;
  uint64_t alignment;
  /// From the end of the range to its start.
  bool backward;
  /// The first so many, in the order in which they are met.
  uint64_t limit;
};

/// The offsets at which the needle lies whole in the memory; occurrences may overlap. Each byte is
/// read as it is at that moment: what is written meanwhile may be found or not. Takes about 0.2 s per
/// GiB, and as long as one comparison for each start where the memory is full of what is almost a
/// match; not for the event loop.
std::vector<uint64_t> find_bytes(const std::byte* memory, uint64_t byte_length,
                                 const Needle& needle, const FindRange& range);

}  // namespace pinlab
