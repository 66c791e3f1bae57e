// WD_DMA_OPTIONS: what a caller may ask of a lock, checked once for every bus.
//
// Bits and rules are those of WD_DMALock as its manual and header give them. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "direction.h"
#include "result.h"

namespace pinlab {

/// Names without DMA_, numbers of windrvr.h.
namespace option {
inline constexpr uint32_t kernel_buffer_alloc = 0x1;
inline constexpr uint32_t kbuf_below_16m = 0x2;
inline constexpr uint32_t large_buffer = 0x4;
inline constexpr uint32_t allow_cache = 0x8;
inline constexpr uint32_t kernel_only_map = 0x10;
inline constexpr uint32_t direction_mask = 0x60;
inline constexpr uint32_t allow_64bit_address = 0x80;
inline constexpr uint32_t allow_no_hcard = 0x100;
inline constexpr uint32_t get_existing_buf = 0x200;
inline constexpr uint32_t reserved_mem = 0x400;
inline constexpr uint32_t specify_address_width = 0x800;
inline constexpr uint32_t get_preallocated_buffers_only = 0x1000;
inline constexpr uint32_t transaction = 0x2000;
inline constexpr uint32_t gpudirect = 0x4000;
inline constexpr uint32_t disable_merge_adjacent_pages = 0x8000;
/// Byte 4 carries the address width; only together with specify_address_width.
inline constexpr uint32_t address_width_mask = 0x7F000000;
inline constexpr uint32_t address_width_shift = 24;
/// Every bit that has a meaning.
inline constexpr uint32_t valid_mask = 0x7F00FFFF;
}  // namespace option

/// WD_DMA_PAGES: entries of a page list without LARGE_BUFFER.
inline constexpr uint32_t kPagesWithoutLargeBuffer = 256;

/// Whose memory it is: the caller's, or allocated by the bus in one run of device addresses.
enum class LockKind { scatter_gather, contiguous };

/// A lock as its caller asks for it.
struct LockRequest {
  LockKind kind = LockKind::scatter_gather;
  uint64_t byte_length = 0;  ///< bytes; below 4 GiB, as WinDriver's dwBytes is 32 bits
  uint32_t options = 0;      ///< bits of namespace option
  /// Given apart from the option bits; must not contradict them.
  std::optional<Direction> direction;
  /// Entries; only with LARGE_BUFFER, and required with it (WinDriver's dwPages in).
  std::optional<uint32_t> max_pages;
  /// Free text for reports.
  std::string owner;
};

/// A lock as it will be made: everything resolved and free of contradictions.
struct LockPlan {
  LockKind kind = LockKind::scatter_gather;
  uint64_t byte_length = 0;
  /// What was asked, with direction bits and, for contiguous, KERNEL_BUFFER_ALLOC filled in.
  uint32_t options = 0;
  Direction direction = Direction::both;
  /// Entries that the page list may have.
  uint32_t page_capacity = kPagesWithoutLargeBuffer;
  /// Device addresses must fit in this many bits.
  uint32_t address_bits = 32;
  bool merge_adjacent = true;  ///< false with DISABLE_MERGE_ADJACENT_PAGES
  /// False with KERNEL_ONLY_MAP: the memory is not shown to the caller.
  bool user_mapping = true;
  std::string owner;  ///< as in the request
};

/// Checks a request and resolves it for a board that declares `board_address_bits`.
/// Fails with WD_INVALID_PARAMETER (unknown bits, contradictions, 0 bytes, 4 GiB or more) or
/// WD_NOT_IMPLEMENTED with the reason (what user space cannot do). Nothing is touched.
Result<LockPlan> plan_lock(const LockRequest& request, uint32_t board_address_bits);

/// Resolves a request to attach to a contiguous lock made as `original` says, for a board that
/// declares `board_address_bits`. The attachment takes over what the lock is; its own are the owner
/// and KERNEL_ONLY_MAP. A direction may be given if it is the lock's. WD_INVALID_PARAMETER for
/// everything else.
Result<LockPlan> plan_attachment(const LockRequest& request, const LockPlan& original,
                                 uint32_t board_address_bits);

}  // namespace pinlab
