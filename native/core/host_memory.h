// Memory of this process that we allocate for boards, and what a CPU page is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "result.h"

namespace pinlab {

/// Bytes of a CPU page; also the granule of every IOMMU that we know.
inline constexpr uint64_t kPageByteLength = 4096;

/// The start of the page that holds `address`, and the first page start at or above it.
inline uint64_t page_floor(uint64_t address) { return address & ~(kPageByteLength - 1); }
inline uint64_t page_ceil(uint64_t address) { return page_floor(address + kPageByteLength - 1); }

/// A range of host memory, not owned. Bytes.
struct HostRange {
  std::byte* start = nullptr;  ///< any alignment
  uint64_t byte_length = 0;

  /// As numbers, [begin, end), for page arithmetic.
  uint64_t begin() const { return reinterpret_cast<uint64_t>(start); }
  uint64_t end() const { return begin() + byte_length; }
};

/// Zeroed, page-aligned memory of its own mapping, not inherited by fork. Unmapped by the
/// destructor, which may run on any thread.
class HostMemory {
 public:
  /// Address space only; pages come when they are touched. `byte_length` > 0 is rounded up to pages
  /// for the mapping. Fails with WD_FAILED_USER_MAPPING and errno.
  static Result<std::shared_ptr<HostMemory>> allocate(uint64_t byte_length);
  ~HostMemory();

  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;

  /// Page-aligned; valid until destruction.
  std::byte* data() const { return data_; }
  /// As asked for, not rounded.
  uint64_t byte_length() const { return byte_length_; }

 private:
  HostMemory(std::byte* data, uint64_t byte_length) : data_(data), byte_length_(byte_length) {}

  std::byte* data_;
  uint64_t byte_length_;
};

}  // namespace pinlab
