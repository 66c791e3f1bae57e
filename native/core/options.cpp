#include "options.h"

#include <algorithm>

namespace pinlab {
namespace {

constexpr uint32_t kNotImplemented =
    option::kbuf_below_16m | option::kernel_only_map | option::allow_no_hcard |
    option::get_existing_buf | option::reserved_mem | option::specify_address_width |
    option::get_preallocated_buffers_only | option::transaction | option::gpudirect;

bool has(const LockRequest& request, uint32_t bit) { return (request.options & bit) != 0; }

Result<void> check_kind(const LockRequest& request) {
  const bool scatter_gather = request.kind == LockKind::scatter_gather;
  if (request.options & ~option::valid_mask) {
    return invalid_parameter("options have bits that WD_DMA_OPTIONS does not define");
  }
  if (scatter_gather && has(request, option::kernel_buffer_alloc)) {
    return invalid_parameter(
        "KERNEL_BUFFER_ALLOC is for contiguous locks, not for the caller's memory");
  }
  if (scatter_gather && has(request, option::kernel_only_map)) {
    return invalid_parameter("KERNEL_ONLY_MAP needs KERNEL_BUFFER_ALLOC");
  }
  if ((request.options & option::address_width_mask) &&
      !has(request, option::specify_address_width)) {
    return invalid_parameter("an address width needs KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH");
  }
  if (request.options & kNotImplemented) {
    return Error{Status::not_implemented, "an option is not available on this bus"};
  }
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

}  // namespace

Result<LockPlan> plan_lock(const LockRequest& request, uint32_t board_address_bits) {
  if (auto kind = check_kind(request); !kind.ok()) return kind.error();
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
  plan.address_bits = has(request, option::allow_64bit_address) ? board_address_bits
                                                                : std::min(board_address_bits, 32u);
  plan.merge_adjacent = !has(request, option::disable_merge_adjacent_pages);
  plan.owner = request.owner;
  return plan;
}

}  // namespace pinlab
