#include "existing_buffers.h"

namespace pinlab {

ExistingBuffers& ExistingBuffers::process() {
  static ExistingBuffers& buffers = *new ExistingBuffers;
  return buffers;
}

void ExistingBuffers::add(uint64_t handle, const ExistingBuffer& buffer) {
  Entry entry{buffer, buffer.memory};
  entry.buffer.memory.reset();
  std::lock_guard guard(mutex_);
  entries_.insert_or_assign(handle, std::move(entry));
}

void ExistingBuffers::remove(uint64_t handle) {
  std::lock_guard guard(mutex_);
  entries_.erase(handle);
}

std::optional<ExistingBuffer> ExistingBuffers::find(uint64_t handle) {
  std::lock_guard guard(mutex_);
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return std::nullopt;
  ExistingBuffer buffer = found->second.buffer;
  buffer.memory = found->second.memory.lock();
  if (!buffer.memory) return std::nullopt;
  return buffer;
}

}  // namespace pinlab
