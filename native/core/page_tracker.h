// Which pages of a window of memory have changed between two looks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pinlab {

/// What is kept of a page's content.
struct PageHash {
  uint64_t first;
  uint64_t second;
  bool operator==(const PageHash&) const = default;
};

/// Watches a window of a buffer page by page. Pages are counted from the buffer's first byte: of a
/// page that the window's ends cut, only the bytes inside the window are watched.
///
/// Of each page it keeps 16 bytes of hash and one of age instead of a copy. The hash is NH (the one
/// inside UMAC: Black, Halevi, Krawczyk, Krovetz, Rogaway 1999) taken twice, with a random key of
/// the process: two different contents, whatever they are, have the same hash with a chance of at
/// most 2^-64 over the choice of the key. What the device writes during a look counts as changed
/// then or at the next look.
///
/// One thread at a time.
class PageTracker {
 public:
  static constexpr uint64_t kPageByteLength = 4096;
  /// A look takes the time to read the window once.
  static constexpr uint64_t kMaxByteLength = 64ull << 20;

  /// `offset`: of the window in its buffer. `byte_length`: at least 1, at most kMaxByteLength.
  PageTracker(uint64_t offset, uint64_t byte_length);

  uint64_t offset() const { return offset_; }
  uint64_t byte_length() const { return byte_length_; }

  /// For each page the looks since it changed: 0 if it differs from what the look before saw, at
  /// most 255. In the first look nothing has been seen to change: 255. `window`: the first of
  /// byte_length() bytes.
  const std::vector<uint8_t>& look(const std::byte* window);

 private:
  uint64_t end_of_page(size_t page) const;

  const uint64_t offset_;
  const uint64_t byte_length_;
  bool has_looked_ = false;
  std::vector<PageHash> hashes_;
  std::vector<uint8_t> ages_;
};

}  // namespace pinlab
