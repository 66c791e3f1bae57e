// A list of register commands done in one go: WD_MultiTransfer, and the masks of interrupt lists.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "card.h"
#include "result.h"

namespace pinlab {

/// Limits, because a list runs on a thread that others wait for.
inline constexpr size_t kMaxRegisterCommands = 4096;
inline constexpr uint64_t kMaxBlockByteLength = 1u << 20;
inline constexpr uint64_t kMaxListByteLength = 16u << 20;
inline constexpr std::chrono::microseconds kMaxPollTime{10'000'000};
/// What a poll may take of it at a time. An environment that ends waits for its threads before
/// anybody can tell them that the card is closed.
inline constexpr std::chrono::microseconds kPollSlice{2'000};

/// One command; what a kind does not name is ignored.
struct RegisterCommand {
  enum class Kind : uint32_t {
    read,         ///< RM_BYTE .. RM_QWORD: address
    write,        ///< WM_BYTE .. WM_QWORD: address, value
    read_block,   ///< RM_SBYTE .. RM_SQWORD: address, count, auto_increment
    write_block,  ///< WM_SBYTE .. WM_SQWORD: address, count, auto_increment
    mask,         ///< CMD_MASK: mask, of the value that the command before it has read
    poll,         ///< reads until (read & mask) == value: address, mask, value, timeout
  };
  static constexpr uint32_t kKinds = 6;

  Kind kind = Kind::read;
  RegisterAddress address;
  uint64_t value = 0;
  uint64_t mask = 0;
  uint64_t count = 0;  ///< elements of a block, each of the address's width
  /// A block's next element is the next register (fAutoinc), not the same one again.
  bool auto_increment = false;
  std::chrono::microseconds timeout{0};
};

/// What came of a list.
struct RegisterListOutcome {
  std::vector<uint64_t> values;  ///< one for each command that ran; 0 where nothing was read
  std::vector<std::byte> bytes;  ///< of all blocks read, one after the other, little-endian
  bool matched = true;           ///< false: a mask did not match, and what follows it was skipped
  /// Set when the next command is a poll that has not come true yet, and has more time: how long it
  /// has waited. The caller runs the rest of the list later, from that command on, with so much less
  /// of a timeout.
  std::optional<std::chrono::microseconds> waited;
};

/// Checks all of the list before anything is touched, then runs it in order. `written` holds the
/// bytes of all blocks to write, one after the other, little-endian. Not atomic: other threads'
/// accesses may come between. Blocks, and sleeps between the reads of a poll. `first_index` is the number of
/// the first command, for messages. WD_INVALID_PARAMETER for a list that cannot be;
/// WD_TIME_OUT_EXPIRED for a poll in vain: what came before it has been done; WD_INVALID_HANDLE
/// when the card is closed, also meanwhile.
Result<RegisterListOutcome> run_register_list(Card& card,
                                              const std::vector<RegisterCommand>& commands,
                                              const std::vector<std::byte>& written,
                                              size_t first_index);

}  // namespace pinlab
