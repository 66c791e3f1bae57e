#include "page_tracker.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>

#include "vector_clones.h"

namespace pinlab {
namespace {

constexpr uint64_t kVector = 32;
constexpr uint8_t kOldest = 255;

typedef uint32_t Words __attribute__((vector_size(kVector)));
typedef uint64_t Sums __attribute__((vector_size(kVector)));

/// One word for each of a page, and a vector more: the second hash uses the key from there on.
struct Key {
  alignas(kVector) std::array<uint32_t, (PageTracker::kPageByteLength + kVector) / 4> words;
  Key() {
    std::random_device random;
    for (uint32_t& word : words) word = random();
  }
  Words at(uint64_t byte) const {
    Words some;
    std::memcpy(&some, reinterpret_cast<const std::byte*>(words.data()) + byte, sizeof some);
    return some;
  }
};

const Key& key() {
  static const Key made;
  return made;
}

/// The product of each pair of words, after the key was added to both.
inline __attribute__((always_inline)) Sums products(Words words, Words key) {
  const Sums pairs = reinterpret_cast<Sums>(words + key);
  return (pairs & 0xffffffff) * (pairs >> 32);
}

uint64_t total(Sums sums) { return sums[0] + sums[1] + sums[2] + sums[3]; }

/// NH of a page's part with the key and with the key a vector further on; what is missing of the
/// last vector is zeros.
PINLAB_VECTOR_CLONES PageHash hash_page(const std::byte* bytes, uint64_t byte_length,
                                        const Key& key) {
  Sums sums{};
  Sums further{};
  const uint64_t whole = byte_length / kVector * kVector;
  for (uint64_t at = 0; at < byte_length; at += kVector) {
    Words words{};
    if (at < whole) {
      std::memcpy(&words, bytes + at, sizeof words);
    } else {
      std::memcpy(&words, bytes + at, byte_length - whole);
    }
    sums += products(words, key.at(at));
    further += products(words, key.at(at + kVector));
  }
  return {total(sums), total(further)};
}

}  // namespace

PageTracker::PageTracker(uint64_t offset, uint64_t byte_length)
    : offset_(offset),
      byte_length_(byte_length),
      hashes_((offset % kPageByteLength + byte_length + kPageByteLength - 1) / kPageByteLength),
      ages_(hashes_.size(), kOldest) {}

/// In the window.
uint64_t PageTracker::end_of_page(size_t page) const {
  return std::min((page + 1) * kPageByteLength - offset_ % kPageByteLength, byte_length_);
}

const std::vector<uint8_t>& PageTracker::look(const std::byte* window) {
  uint64_t at = 0;
  for (size_t page = 0; page < hashes_.size(); ++page) {
    const uint64_t end = end_of_page(page);
    const PageHash seen = hash_page(window + at, end - at, key());
    at = end;
    if (has_looked_ && seen != hashes_[page]) {
      ages_[page] = 0;
    } else if (ages_[page] < kOldest) {
      ++ages_[page];
    }
    hashes_[page] = seen;
  }
  has_looked_ = true;
  return ages_;
}

}  // namespace pinlab
