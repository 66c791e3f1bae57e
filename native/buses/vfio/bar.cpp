#include "bar.h"

#include <sys/mman.h>
#include <unistd.h>

#include "bus_error.h"

namespace pinlab::vfio {
namespace {

template <class T>
uint64_t load(const std::byte* at) {
  return *reinterpret_cast<const volatile T*>(at);
}

template <class T>
void store(std::byte* at, uint64_t value) {
  *reinterpret_cast<volatile T*>(at) = static_cast<T>(value);
}

}  // namespace

MappedBar::MappedBar(const Device& device, uint32_t index, Region region)
    : file_(device.file()), index_(index), region_(std::move(region)) {
  catch_bus_errors();
  for (const AddressRange& range : region_.mappable) {
    const uint64_t byte_length = range.end - range.begin;
    void* mapped = mmap(nullptr, byte_length, PROT_READ | PROT_WRITE, MAP_SHARED, file_,
                        static_cast<off_t>(region_.file_offset + range.begin));
    if (mapped == MAP_FAILED) continue;
    madvise(mapped, byte_length, MADV_DONTFORK);
    parts_.push_back({range, static_cast<std::byte*>(mapped)});
  }
}

MappedBar::MappedBar(MappedBar&& other) noexcept
    : file_(other.file_),
      index_(other.index_),
      region_(std::move(other.region_)),
      parts_(std::move(other.parts_)) {
  other.parts_.clear();
}

MappedBar::~MappedBar() {
  for (const Part& part : parts_) munmap(part.start, part.range.end - part.range.begin);
}

std::byte* MappedBar::find(uint64_t offset, uint32_t width) const {
  for (const Part& part : parts_) {
    if (offset >= part.range.begin && offset + width / 8 <= part.range.end) {
      return part.start + (offset - part.range.begin);
    }
  }
  return nullptr;
}

uint64_t MappedBar::read(uint64_t offset, uint32_t width) const {
  const uint64_t all_ones = UINT64_MAX >> (64 - width);
  volatile uint64_t value = all_ones;
  if (const std::byte* at = find(offset, width)) {
    const bool answered = survives([&] {
      switch (width) {
        case 8: value = load<uint8_t>(at); break;
        case 16: value = load<uint16_t>(at); break;
        case 32: value = load<uint32_t>(at); break;
        default: value = load<uint64_t>(at);
      }
    });
    return answered ? value : all_ones;
  }
  uint64_t word = 0;
  const auto byte_length = static_cast<ssize_t>(width / 8);
  const auto at = static_cast<off_t>(region_.file_offset + offset);
  return pread(file_, &word, byte_length, at) == byte_length ? word : all_ones;
}

void MappedBar::write(uint64_t offset, uint32_t width, uint64_t value) const {
  if (std::byte* at = find(offset, width)) {
    survives([&] {
      switch (width) {
        case 8: store<uint8_t>(at, value); break;
        case 16: store<uint16_t>(at, value); break;
        case 32: store<uint32_t>(at, value); break;
        default: store<uint64_t>(at, value);
      }
    });
    return;
  }
  const auto at = static_cast<off_t>(region_.file_offset + offset);
  [[maybe_unused]] const auto written = pwrite(file_, &value, width / 8, at);
}

}  // namespace pinlab::vfio
