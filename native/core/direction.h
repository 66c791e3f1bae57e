// Which way bytes may move between a board and host memory.
#pragma once

#include <cstdint>

namespace pinlab {

/// Bits as in WD_DMA_OPTIONS (DMA_FROM_DEVICE 0x20, DMA_TO_DEVICE 0x40), seen from the host:
/// `to_device` means that the board reads the memory, `from_device` that it writes it.
enum class Direction : uint32_t { from_device = 0x20, to_device = 0x40, both = 0x60 };

/// True when memory locked for `allowed` may be accessed as `wanted` (one of the single
/// directions).
inline bool permits(Direction allowed, Direction wanted) {
  return (static_cast<uint32_t>(allowed) & static_cast<uint32_t>(wanted)) != 0;
}

}  // namespace pinlab
