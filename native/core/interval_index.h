// The one ordered index of what a card may reach: the truth for translation, overlap, leak report
// and audit.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "direction.h"
#include "page_list.h"

namespace pinlab {

/// The device addresses of one lock. Immutable but for the references.
struct Mapping {
  uint64_t handle = 0;
  std::string owner;
  Direction direction = Direction::both;
  /// Whole pages of device addresses that belong to this mapping alone, gaps included: [begin,
  /// end).
  uint64_t begin = 0;
  uint64_t end = 0;
  /// What is mapped, by device address; exact at the edges: a device reaches no byte outside the
  /// lock, which is stricter than the page granule of real IOMMUs and keeps neighbours in the page
  /// safe.
  std::vector<Segment> segments;
  /// Accesses of the device that are in flight.
  std::atomic<uint32_t> references{0};
  /// Set when unmapping began: holders of a reference should let go soon.
  std::atomic<bool> closing{false};

  /// The segment that contains `address`, null if none does. `hint` is the index of a segment to
  /// try first, with its successor; it is updated. Lock-free.
  const Segment* find(uint64_t address, size_t& hint) const;
};

/// Ordered by device address. Thread-safe.
class IntervalIndex {
 public:
  /// The range of `mapping` must not overlap another one.
  void insert(std::shared_ptr<Mapping> mapping);

  /// Forbids new accesses and waits for those in flight. Afterwards the device reaches nothing of
  /// it. Null when the handle is not mapped. Blocks for as long as one access takes.
  std::shared_ptr<Mapping> remove(uint64_t handle);

  /// The mapping whose range contains `address`, with a reference taken; null if there is none.
  /// Direction is the caller's to check. Every non-null answer needs one `release`.
  std::shared_ptr<Mapping> acquire(uint64_t address);
  static void release(Mapping& mapping);

  /// Whether `address` belonged to a recently freed mapping.
  bool is_freed(uint64_t address) const;

  /// Handle of the live or recently freed mapping nearest to `address`; 0 if there never was one.
  uint64_t nearest(uint64_t address) const;

 private:
  struct Freed {
    uint64_t begin, end, handle;
  };
  static constexpr size_t kRememberedFreed = 64;

  mutable std::shared_mutex mutex_;
  std::map<uint64_t, std::shared_ptr<Mapping>> by_address_;
  std::map<uint64_t, uint64_t> address_of_;  ///< handle -> begin
  std::deque<Freed> freed_;                  ///< newest first
};

}  // namespace pinlab
