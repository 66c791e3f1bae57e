#include "write_trace.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>

#include "card.h"

namespace pinlab {

WriteTrace::~WriteTrace() {
  if (file_ >= 0) close(file_);
}

Result<void> WriteTrace::open(const std::string& path) {
  const int opened = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (opened < 0) {
    return Error{Status::system_internal_error, "the trace's file cannot be written", errno};
  }
  int off = -1;
  if (file_.compare_exchange_strong(off, opened)) return {};
  close(opened);
  return Error{Status::operation_already_done, "writes are traced already"};
}

void WriteTrace::note(const RegisterAddress& address, uint64_t value) {
  const int file = file_.load(std::memory_order_relaxed);
  if (file < 0) return;
  char line[96];
  const int length =
      std::snprintf(line, sizeof line, "write %" PRIu32 " 0x%" PRIx64 " %" PRIu32 " 0x%" PRIx64 "\n",
                    address.bar_index, address.offset, address.width, value);
  // A full disk must not stop the board's work; the trace has a hole then.
  [[maybe_unused]] const auto written = ::write(file, line, static_cast<size_t>(length));
}

}  // namespace pinlab
