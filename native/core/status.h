// The status codes of the WinDriver interface, with its numbers.
//
// Source: the public WD_ERROR_CODES list, without the codes of USB host controllers. Texts are our
// own wording of the library's strings. No state, safe from any thread.
#pragma once

#include <cstdint>

namespace pinlab {

/// A WD_* status. 0 is success; the numbers are those of windrvr.h and never change.
enum class Status : uint32_t {
  success = 0,
  invalid_wd_handle = 0xFFFFFFFF,
  windriver_status_error = 0x20000000,
  invalid_handle = 0x20000001,
  insufficient_resources = 0x20000005,
  system_internal_error = 0x20000007,
  not_implemented = 0x2000000A,
  resource_overlap = 0x2000000E,
  device_not_found = 0x2000000F,
  operation_already_done = 0x20000011,
  time_out_expired = 0x20000015,
  failed_user_mapping = 0x20000017,
  invalid_parameter = 0x2000001B,
  try_again = 0x2000001D,
  operation_failed = 0x20000020,
  too_many_handles = 0x20000022,
  no_device_object = 0x20000023,
};

/// The symbolic name, e.g. `WD_TRY_AGAIN`. Unknown numbers give `WD_UNRECOGNIZED`; never null.
const char* status_name(uint32_t status);

/// One sentence without a full stop, e.g. `Try again`. Unknown numbers give
/// `Unrecognized error code`, as the vendor's library does; never null.
const char* status_text(uint32_t status);

}  // namespace pinlab
