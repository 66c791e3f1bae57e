// Locked memory accessed like registers: what WD_CardRegister's memory item over a locked page is for.
#pragma once

#include <cstdint>

#include "lock_table.h"
#include "result.h"

namespace pinlab {

/// Reads 8, 16, 32 or 64 bits at `offset` bytes into the memory of a lock of `table`, in one access
/// that comes before all later ones (acquire). Any thread. WD_INVALID_HANDLE once the lock's end
/// has begun; WD_INVALID_PARAMETER for another width, outside of the memory, and for a device
/// address that is no multiple of the width.
Result<uint64_t> read_memory(LockTable& table, const Lock& lock, uint64_t offset, uint32_t width);

/// Writes likewise, after all earlier accesses (release). Bits of `value` above the width must be 0.
Result<void> write_memory(LockTable& table, const Lock& lock, uint64_t offset, uint32_t width,
                          uint64_t value);

}  // namespace pinlab
