#include "memory_item.h"

namespace pinlab {
namespace {

template <class T>
T* at(std::byte* address) {
  return reinterpret_cast<T*>(address);
}

Result<std::byte*> element(const Lock& lock, uint64_t offset, uint32_t width) {
  if (width != 8 && width != 16 && width != 32 && width != 64) {
    return invalid_parameter("an access is 8, 16, 32 or 64 bits wide");
  }
  const uint64_t size = width / 8;
  if (offset >= lock.range.byte_length || lock.range.byte_length - offset < size) {
    return invalid_parameter("the access lies outside of the page");
  }
  // Host and device address have the same offset in their CPU page, so one tells for both.
  if ((lock.range.begin() + offset) % size != 0) {
    return invalid_parameter("the address is a multiple of the width");
  }
  return lock.range.start + offset;
}

Error ended() { return {Status::invalid_handle, "the lock has ended"}; }

}  // namespace

Result<uint64_t> read_memory(LockTable& table, const Lock& lock, uint64_t offset, uint32_t width) {
  // The share keeps the memory there, should another thread unlock in the meantime.
  const auto share = table.memory(lock);
  if (!share) return ended();
  auto found = element(lock, offset, width);
  if (!found.ok()) return found.error();
  std::byte* address = found.value();
  switch (width) {
    case 8: return uint64_t{__atomic_load_n(at<uint8_t>(address), __ATOMIC_ACQUIRE)};
    case 16: return uint64_t{__atomic_load_n(at<uint16_t>(address), __ATOMIC_ACQUIRE)};
    case 32: return uint64_t{__atomic_load_n(at<uint32_t>(address), __ATOMIC_ACQUIRE)};
    default: return __atomic_load_n(at<uint64_t>(address), __ATOMIC_ACQUIRE);
  }
}

Result<void> write_memory(LockTable& table, const Lock& lock, uint64_t offset, uint32_t width,
                          uint64_t value) {
  const auto share = table.memory(lock);
  if (!share) return ended();
  auto found = element(lock, offset, width);
  if (!found.ok()) return found.error();
  std::byte* address = found.value();
  switch (width) {
    case 8:
      __atomic_store_n(at<uint8_t>(address), static_cast<uint8_t>(value), __ATOMIC_RELEASE);
      break;
    case 16:
      __atomic_store_n(at<uint16_t>(address), static_cast<uint16_t>(value), __ATOMIC_RELEASE);
      break;
    case 32:
      __atomic_store_n(at<uint32_t>(address), static_cast<uint32_t>(value), __ATOMIC_RELEASE);
      break;
    default: __atomic_store_n(at<uint64_t>(address), value, __ATOMIC_RELEASE);
  }
  return {};
}

}  // namespace pinlab
