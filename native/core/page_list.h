// The page list of a lock: what WinDriver returns as Page[].
#pragma once

#include <cstdint>
#include <vector>

#include "result.h"

namespace pinlab {

/// One run of memory that is contiguous for the host and for the device.
struct Segment {
  uint64_t device_address = 0;  ///< what the device puts on the bus
  std::byte* host = nullptr;    ///< same offset in its page as device_address
  uint64_t byte_length = 0;
};

/// One entry of a page list, in WinDriver's sense: not a CPU page but what is left after merging.
struct Page {
  uint64_t address = 0;      ///< pPhysicalAddr: a device address
  uint32_t byte_length = 0;  ///< dwBytes
};

/// Builds the list from segments in the order of the memory. With `merge_adjacent`, neighbours in
/// device address become one entry; without, every CPU page is one. The first and last entries keep
/// their offset and length. More than `capacity` entries: WD_INSUFFICIENT_RESOURCES, with the
/// number that is needed.
Result<std::vector<Page>> build_page_list(const std::vector<Segment>& segments, bool merge_adjacent,
                                          uint32_t capacity);

}  // namespace pinlab
