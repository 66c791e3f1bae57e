#include "host_memory.h"

#include <sys/mman.h>

#include <cerrno>

namespace pinlab {

Result<std::shared_ptr<HostMemory>> HostMemory::allocate(uint64_t byte_length) {
  void* mapped = mmap(nullptr, page_ceil(byte_length), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    Error error{Status::failed_user_mapping, "memory could not be mapped", errno};
    error.help = "ask for less, or raise the limit of the address space (ulimit -v)";
    return error;
  }
  // A child of fork would share the pages copy-on-write, and the device might then write the wrong
  // copy.
  madvise(mapped, page_ceil(byte_length), MADV_DONTFORK);
  return std::shared_ptr<HostMemory>(new HostMemory(static_cast<std::byte*>(mapped), byte_length));
}

HostMemory::~HostMemory() { munmap(data_, page_ceil(byte_length_)); }

}  // namespace pinlab
