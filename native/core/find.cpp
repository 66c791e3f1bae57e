#include "find.h"

#include <algorithm>
#include <cstring>

namespace pinlab {
namespace {

constexpr std::byte kWhole{0xFF};

bool matches(const std::byte* at, const Needle& needle) {
  for (uint64_t i = 0; i < needle.byte_length; ++i) {
    if (((at[i] ^ needle.bytes[i]) & needle.mask[i]) != std::byte{0}) return false;
  }
  return true;
}

/// A byte of the needle that must agree whole, best one that memory is not usually full of; the
/// needle's length if there is none.
uint64_t anchor_of(const Needle& needle) {
  uint64_t anchor = needle.byte_length;
  for (uint64_t i = 0; i < needle.byte_length; ++i) {
    if (needle.mask[i] != kWhole) continue;
    if (needle.bytes[i] != std::byte{0} && needle.bytes[i] != kWhole) return i;
    if (anchor == needle.byte_length) anchor = i;
  }
  return anchor;
}

/// The first start at `start` or after it where the anchor agrees; `end` if there is none.
uint64_t next_anchored(const std::byte* memory, const Needle& needle, uint64_t anchor,
                       uint64_t start, uint64_t end) {
  const auto* from = memory + start + anchor;
  const auto* found = static_cast<const std::byte*>(
      std::memchr(from, std::to_integer<int>(needle.bytes[anchor]), end - start));
  return found ? start + static_cast<uint64_t>(found - from) : end;
}

std::vector<uint64_t> find_every(const std::byte* memory, const Needle& needle,
                                 const FindRange& range, uint64_t end) {
  std::vector<uint64_t> found;
  const uint64_t anchor = anchor_of(needle);
  const bool skips = anchor < needle.byte_length && range.alignment == 1;
  uint64_t at = (range.from + range.alignment - 1) / range.alignment * range.alignment;
  while (at < end && found.size() < range.limit) {
    if (skips) at = next_anchored(memory, needle, anchor, at, end);
    if (at >= end) break;
    if (matches(memory + at, needle)) found.push_back(at);
    at += range.alignment;
  }
  return found;
}

std::vector<uint64_t> find_back(const std::byte* memory, const Needle& needle,
                                const FindRange& range, uint64_t end) {
  std::vector<uint64_t> found;
  uint64_t at = (end - 1) / range.alignment * range.alignment;
  while (at >= range.from && found.size() < range.limit) {
    if (matches(memory + at, needle)) found.push_back(at);
    if (at < range.alignment) break;
    at -= range.alignment;
  }
  return found;
}

}  // namespace

std::vector<uint64_t> find_bytes(const std::byte* memory, uint64_t byte_length,
                                 const Needle& needle, const FindRange& range) {
  if (needle.byte_length > byte_length) return {};
  const uint64_t end = std::min(range.end, byte_length - needle.byte_length + 1);
  if (range.from >= end) return {};
  return range.backward ? find_back(memory, needle, range, end)
                        : find_every(memory, needle, range, end);
}

}  // namespace pinlab
