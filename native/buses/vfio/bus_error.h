// Accesses that the kernel may answer with SIGBUS: memory of a device that does not decode, or is
// gone.
#pragma once

#include <csetjmp>

namespace pinlab::vfio {

/// Catches SIGBUS for the accesses of `survives` alone; every other one goes where it went before.
/// Installed for the process by the first call. Any thread.
void catch_bus_errors();

/// Where this thread goes on when an access of `survives` fails; null outside of it.
extern thread_local sigjmp_buf* volatile bus_error_exit;

/// Runs one access. False: it raised SIGBUS, and nothing came of it. `access` must not own anything:
/// it is left without unwinding.
template <class Access>
bool survives(Access access) {
  sigjmp_buf exit;
  // The signal's mask is left alone (SA_NODEFER), so nothing needs to be saved.
  if (sigsetjmp(exit, 0) != 0) {
    bus_error_exit = nullptr;
    return false;
  }
  bus_error_exit = &exit;
  access();
  bus_error_exit = nullptr;
  return true;
}

}  // namespace pinlab::vfio
