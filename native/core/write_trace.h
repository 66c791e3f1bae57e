// A file that tells which registers were written: for finding faults, also those of the last moment.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "result.h"

namespace pinlab {

struct RegisterAddress;

/// Off until opened. Thread-safe. Each write is one system call before the board sees the value, so
/// the file is complete even when the process is killed in the next moment.
class WriteTrace {
 public:
  WriteTrace() = default;
  ~WriteTrace();
  WriteTrace(const WriteTrace&) = delete;
  WriteTrace& operator=(const WriteTrace&) = delete;

  /// Makes the file (0600) or appends to it. WD_OPERATION_ALREADY_DONE the second time,
  /// WD_SYSTEM_INTERNAL_ERROR with errno for a file that cannot be opened.
  Result<void> open(const std::string& path);

  /// Appends `write <bar> 0x<offset> <width> 0x<value>`. Costs a load while off.
  void note(const RegisterAddress& address, uint64_t value);

 private:
  std::atomic<int> file_{-1};
};

}  // namespace pinlab
