#include "bus_error.h"

#include <csignal>

namespace pinlab::vfio {
namespace {

struct sigaction previous;

void on_bus_error(int signal, siginfo_t* info, void* context) {
  if (sigjmp_buf* exit = bus_error_exit) siglongjmp(*exit, 1);
  if (previous.sa_flags & SA_SIGINFO) return previous.sa_sigaction(signal, info, context);
  if (previous.sa_handler == SIG_IGN) return;
  if (previous.sa_handler != SIG_DFL) return previous.sa_handler(signal);
  // Nobody else's: the access is made again and ends the process as it would have.
  std::signal(signal, SIG_DFL);
}

}  // namespace

thread_local sigjmp_buf* volatile bus_error_exit = nullptr;

void catch_bus_errors() {
  static const int installed = [] {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGBUS, &action, &previous);
  }();
  static_cast<void>(installed);
}

}  // namespace pinlab::vfio
