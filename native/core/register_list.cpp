#include "register_list.h"

#include <algorithm>
#include <cstring>
#include <thread>

namespace pinlab {
namespace {

using Kind = RegisterCommand::Kind;
using Clock = std::chrono::steady_clock;

bool is_block(Kind kind) { return kind == Kind::read_block || kind == Kind::write_block; }
bool reads_value(Kind kind) { return kind == Kind::read || kind == Kind::poll; }

Result<void> check_block(const Card& card, const RegisterCommand& command) {
  const uint64_t size = command.address.width / 8;
  if (command.count == 0 || command.count > kMaxBlockByteLength / size) {
    return invalid_parameter("a block has 1 byte to 1 MiB in whole elements");
  }
  RegisterAddress last = command.address;
  if (command.auto_increment) last.offset += (command.count - 1) * size;
  return card.check(last);
}

Result<void> check_command(const Card& card, const RegisterCommand& command,
                           const RegisterCommand* before) {
  if (command.kind == Kind::mask) {
    if (before && reads_value(before->kind)) return {};
    return invalid_parameter("a mask needs a read before it");
  }
  if (auto checked = card.check(command.address); !checked.ok()) return checked;
  if (is_block(command.kind)) return check_block(card, command);
  const uint32_t width = command.address.width;
  const bool fits = width == 64 || (command.value >> width == 0 && command.mask >> width == 0);
  if (!fits) return invalid_parameter("a value or mask does not fit in the register");
  if (command.kind == Kind::poll && command.timeout > kMaxPollTime) {
    return invalid_parameter("a poll may take 10 s");
  }
  return {};
}

Error of_command(Error error, size_t index) {
  error.message = "command " + std::to_string(index) + ": " + error.message;
  return error;
}

Result<void> check_list(const Card& card, const std::vector<RegisterCommand>& commands,
                        uint64_t written_byte_length, size_t first_index) {
  if (commands.empty() || commands.size() > kMaxRegisterCommands) {
    return invalid_parameter("a list has 1 to 4,096 commands");
  }
  uint64_t read = 0, written = 0;
  for (size_t i = 0; i < commands.size(); ++i) {
    const RegisterCommand& command = commands[i];
    auto checked = check_command(card, command, i ? &commands[i - 1] : nullptr);
    if (!checked.ok()) return of_command(checked.error(), first_index + i);
    const uint64_t byte_length = command.count * (command.address.width / 8);
    if (command.kind == Kind::read_block) read += byte_length;
    if (command.kind == Kind::write_block) written += byte_length;
  }
  if (read + written > kMaxListByteLength) {
    return invalid_parameter("the blocks of a list have at most 16 MiB");
  }
  if (written != written_byte_length) return invalid_parameter("a block's bytes are missing");
  return {};
}

/// Runs one checked list; its members are where the run has got to.
class Run {
 public:
  Run(Card& card, const std::byte* written) : card_(card), written_(written) {}

  Result<uint64_t> command(const RegisterCommand& command) {
    switch (command.kind) {
      case Kind::read: return card_.read_register(command.address);
      case Kind::poll: return poll(command);
      case Kind::mask: return uint64_t{0};
      case Kind::write: return nothing_read(card_.write_register(command.address, command.value));
      case Kind::read_block:
      case Kind::write_block: return block(command);
    }
    return invalid_parameter("an unknown command");
  }

  std::vector<std::byte> bytes;
  std::optional<std::chrono::microseconds> waited;

 private:
  static constexpr std::chrono::microseconds kPause{100};

  static Result<uint64_t> nothing_read(Result<void> done) {
    if (!done.ok()) return done.error();
    return uint64_t{0};
  }

  /// Sets `waited` when its slice ends before its time does.
  Result<uint64_t> poll(const RegisterCommand& command) {
    const auto begun = Clock::now();
    const auto slice = std::min(command.timeout, kPollSlice);
    while (true) {
      // The time is taken before the read: a register that changes at the last moment still counts.
      const auto now = Clock::now();
      auto value = card_.read_register(command.address);
      if (!value.ok() || (value.value() & command.mask) == command.value) return value;
      if (now - begun < slice) {
        std::this_thread::sleep_for(kPause);
      } else if (command.timeout > slice) {
        waited = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
        return uint64_t{0};
      } else {
        return Error{Status::time_out_expired, "the register did not become what it should in time"};
      }
    }
  }

  Result<uint64_t> block(const RegisterCommand& command) {
    const uint64_t size = command.address.width / 8;
    RegisterAddress at = command.address;
    for (uint64_t i = 0; i < command.count; ++i) {
      auto done = command.kind == Kind::read_block ? read_element(at) : write_element(at);
      if (!done.ok()) return done.error();
      if (command.auto_increment) at.offset += size;
    }
    return uint64_t{0};
  }

  Result<void> read_element(const RegisterAddress& at) {
    auto value = card_.read_register(at);
    if (!value.ok()) return value.error();
    std::byte element[8];
    std::memcpy(element, &value.value(), sizeof element);
    bytes.insert(bytes.end(), element, element + at.width / 8);
    return {};
  }

  Result<void> write_element(const RegisterAddress& at) {
    uint64_t value = 0;
    std::memcpy(&value, written_, at.width / 8);
    written_ += at.width / 8;
    return card_.write_register(at, value);
  }

  Card& card_;
  const std::byte* written_;
};

}  // namespace

Result<RegisterListOutcome> run_register_list(Card& card,
                                              const std::vector<RegisterCommand>& commands,
                                              const std::vector<std::byte>& written,
                                              size_t first_index) {
  auto checked = check_list(card, commands, written.size(), first_index);
  if (!checked.ok()) return checked.error();
  RegisterListOutcome outcome;
  Run run(card, written.data());
  for (size_t i = 0; i < commands.size() && outcome.matched; ++i) {
    auto value = run.command(commands[i]);
    if (!value.ok()) return of_command(value.error(), first_index + i);
    if (run.waited) break;
    if (commands[i].kind == Kind::mask) {
      outcome.matched = (outcome.values.back() & commands[i].mask) != 0;
    }
    outcome.values.push_back(value.value());
  }
  outcome.bytes = std::move(run.bytes);
  outcome.waited = run.waited;
  return outcome;
}

}  // namespace pinlab
