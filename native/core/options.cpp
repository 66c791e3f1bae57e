#include "options.h"

#include <algorithm>

namespace pinlab {
namespace {

struct Refused {
  uint32_t bit;
  const char* why;
};

constexpr Refused kNotImplemented[] = {
    {option::allow_no_hcard, "ALLOW_NO_HCARD: a lock is always a card's, whose IOMMU it is for"},
    {option::reserved_mem,
     "RESERVED_MEM: memory kept from the kernel at boot is reached through /dev/mem, which gives a "
     "process all of the machine's memory"},
    {option::get_preallocated_buffers_only,
     "GET_PREALLOCATED_BUFFERS_ONLY: the pool belongs to WinDriver's kernel module on Windows"},
    {option::gpudirect, "GPUDIRECT: a GPU's memory is pinned by its kernel driver only"},
};

/// Options that say how the bus allocates memory, and so mean nothing for the caller's.
constexpr Refused kContiguousOnly[] = {
    {option::kernel_buffer_alloc,
     "KERNEL_BUFFER_ALLOC is for contiguous locks, not for the caller's memory"},
    {option::kbuf_below_16m, "KBUF_BELOW_16M needs KERNEL_BUFFER_ALLOC"},
    {option::kernel_only_map, "KERNEL_ONLY_MAP needs KERNEL_BUFFER_ALLOC"},
    {option::get_existing_buf, "GET_EXISTING_BUF needs KERNEL_BUFFER_ALLOC"},
    {option::specify_address_width, "KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH needs KERNEL_BUFFER_ALLOC"},
};

bool has(const LockRequest& request, uint32_t bit) { return (request.options & bit) != 0; }

uint32_t address_width(const LockRequest& request) {
  return (request.options & option::address_width_mask) >> option::address_width_shift;
}

Result<void> check_options(const LockRequest& request) {
  if (request.options & ~option::valid_mask) {
    return invalid_parameter("options have bits that WD_DMA_OPTIONS does not define");
  }
  for (const Refused& refused : kContiguousOnly) {
    if (request.kind == LockKind::scatter_gather && has(request, refused.bit)) {
      return invalid_parameter(refused.why);
    }
  }
  for (const Refused& refused : kNotImplemented) {
    if (has(request, refused.bit)) return Error{Status::not_implemented, refused.why};
  }
  return {};
}

Result<void> check_address_width(const LockRequest& request) {
  const uint32_t width = address_width(request);
  if (!has(request, option::specify_address_width)) {
    if (width == 0) return {};
    return invalid_parameter("an address width needs KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH");
  }
  if (width == 0 || width > 64) return invalid_parameter("an address width is 1 to 64 bits");
  return {};
}

Result<void> check_length(const LockRequest& request) {
  if (request.byte_length == 0) return invalid_parameter("0 bytes cannot be locked");
  if (request.byte_length > UINT32_MAX) return invalid_parameter("one lock is below 4 GiB");
  return {};
}

Result<void> check_capacity(const LockRequest& request) {
  const bool large = has(request, option::large_buffer);
  if (request.max_pages && !large) return invalid_parameter("maxPages needs LARGE_BUFFER");
  if (request.max_pages && *request.max_pages == 0) return invalid_parameter("maxPages is 0");
  if (large && !request.max_pages && request.kind == LockKind::scatter_gather) {
    return invalid_parameter("LARGE_BUFFER needs maxPages");
  }
  return {};
}

Result<Direction> resolve_direction(const LockRequest& request) {
  const uint32_t bits = request.options & option::direction_mask;
  if (!request.direction) return bits ? static_cast<Direction>(bits) : Direction::both;
  if (bits && bits != static_cast<uint32_t>(*request.direction)) {
    return invalid_parameter("direction contradicts the direction bits of options");
  }
  return *request.direction;
}

/// The narrowest of what the board declares and what the options ask for.
uint32_t resolve_address_bits(const LockRequest& request, uint32_t board_address_bits) {
  uint32_t bits = board_address_bits;
  if (!has(request, option::allow_64bit_address)) bits = std::min(bits, 32u);
  if (has(request, option::specify_address_width)) bits = std::min(bits, address_width(request));
  if (has(request, option::kbuf_below_16m)) bits = std::min(bits, 24u);
  return bits;
}

}  // namespace

Result<LockPlan> plan_lock(const LockRequest& request, uint32_t board_address_bits) {
  if (auto options = check_options(request); !options.ok()) return options.error();
  if (auto width = check_address_width(request); !width.ok()) return width.error();
  if (auto length = check_length(request); !length.ok()) return length.error();
  if (auto capacity = check_capacity(request); !capacity.ok()) return capacity.error();
  auto direction = resolve_direction(request);
  if (!direction.ok()) return direction.error();

  LockPlan plan;
  plan.kind = request.kind;
  plan.byte_length = request.byte_length;
  plan.direction = direction.value();
  plan.options = request.options | static_cast<uint32_t>(plan.direction);
  if (plan.kind == LockKind::contiguous) plan.options |= option::kernel_buffer_alloc;
  plan.page_capacity = request.max_pages.value_or(kPagesWithoutLargeBuffer);
  // A transaction hands its pages over transfer by transfer; the capacity is that of one transfer.
  if (has(request, option::transaction)) plan.page_capacity = UINT32_MAX;
  plan.address_bits = resolve_address_bits(request, board_address_bits);
  // WinDriver's contiguous memory is one page whatever else is asked.
  plan.merge_adjacent = plan.kind == LockKind::contiguous ||
                        !has(request, option::disable_merge_adjacent_pages);
  plan.user_mapping = !has(request, option::kernel_only_map);
  plan.owner = request.owner;
  return plan;
}

Result<LockPlan> plan_attachment(const LockRequest& request, const LockPlan& original,
                                 uint32_t board_address_bits) {
  constexpr uint32_t kAllowed = option::get_existing_buf | option::kernel_buffer_alloc |
                                option::kernel_only_map | option::direction_mask;
  if ((request.options & ~kAllowed) || request.max_pages) {
    return invalid_parameter("an attachment takes over the options of the lock it attaches to");
  }
  auto direction = resolve_direction(request);
  if (!direction.ok()) return direction.error();
  const bool named = request.direction || (request.options & option::direction_mask);
  if (named && direction.value() != original.direction) {
    return invalid_parameter("the lock to attach to has another direction");
  }
  LockPlan plan = original;
  plan.options = (original.options & ~option::kernel_only_map) | request.options |
                 option::get_existing_buf;
  plan.address_bits = std::min(original.address_bits, board_address_bits);
  plan.user_mapping = !has(request, option::kernel_only_map);
  plan.owner = request.owner;
  return plan;
}

}  // namespace pinlab
