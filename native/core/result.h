// What a core function answers: a value, or an error that says which status, errno and limit it
// was.
//
// Plain values without shared state: they may be moved between threads freely.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "status.h"

namespace pinlab {

/// A limit of the system or the bus that a request ran into. Sizes in bytes, unless it is a number of
/// things: then `wanted_count` is above 0.
struct LimitHit {
  std::string name;  ///< e.g. `RLIMIT_MEMLOCK`
  uint64_t byte_length = 0;
  uint64_t wanted_byte_length = 0;
  uint64_t count = 0;
  uint64_t wanted_count = 0;
};

/// Why something was refused. `message` and `help` are for people and are never parsed.
struct Error {
  Status status;  ///< never `success`
  std::string message = {};
  int system_errno = 0;                ///< 0 where no system call failed
  std::optional<LimitHit> limit = {};  ///< only where a limit was hit
  std::string help = {};               ///< what would help; may be empty
};

/// A value of type T or an Error. Check `ok()` before `value()`; the wrong accessor is a
/// programmer's mistake and ends in std::get's own check.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

  /// True when there is a value.
  bool ok() const { return held_.index() == 0; }
  /// Only when `ok()`.
  T& value() { return std::get<0>(held_); }
  const T& value() const { return std::get<0>(held_); }
  /// Only when not `ok()`.
  Error& error() { return std::get<1>(held_); }

 private:
  std::variant<T, Error> held_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  /// True when nothing was refused.
  bool ok() const { return !error_; }
  /// Only when not `ok()`.
  Error& error() { return *error_; }

 private:
  std::optional<Error> error_;
};

/// Shorthand for the commonest refusal.
inline Error invalid_parameter(std::string message) {
  return Error{Status::invalid_parameter, std::move(message), 0, std::nullopt, {}};
}

}  // namespace pinlab
