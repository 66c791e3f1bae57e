#include "performance.h"

#include <algorithm>

#include "engine.h"

namespace pinlab::simulated {
namespace {

constexpr uint64_t kMost = (1ull << 42) - 1;
constexpr uint64_t kCycleNs = 4;
constexpr uint32_t kMaximumHit = 1u << 16;

uint32_t high_word(uint64_t value) {
  return static_cast<uint32_t>(std::min(value, kMost) >> 32) | (value >= kMost ? kMaximumHit : 0);
}

uint32_t low_word(uint64_t value) { return static_cast<uint32_t>(std::min(value, kMost)); }

}  // namespace

uint64_t PerformanceCounters::cycles(Clock::time_point now) const {
  if (!busy_ || !counts()) return cycles_;
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now - since_).count();
  return cycles_ + static_cast<uint64_t>(std::max<int64_t>(ns, 0)) / kCycleNs;
}

void PerformanceCounters::settle(Clock::time_point now) {
  cycles_ = cycles(now);
  since_ = now;
}

uint32_t PerformanceCounters::read(uint32_t offset, Clock::time_point now) const {
  switch (offset) {
    case 0xC0: return control_;
    case 0xC4: return low_word(cycles(now));
    case 0xC8: return high_word(cycles(now));
    case 0xCC: return low_word(beats_);
    case 0xD0: return high_word(beats_);
    default: return 0;
  }
}

void PerformanceCounters::write(uint32_t value, Clock::time_point now) {
  settle(now);
  if (value & kClear) cycles_ = beats_ = 0;
  control_ = value & (kRun | kAuto);
  held_ = false;
}

void PerformanceCounters::begin(Clock::time_point now) {
  if (control_ & kAuto) cycles_ = beats_ = 0;
  held_ = false;
  busy_ = true;
  since_ = now;
}

void PerformanceCounters::moved(uint64_t byte_length) {
  if (counts()) beats_ += (byte_length + kBeatByteLength - 1) / kBeatByteLength;
}

void PerformanceCounters::stopped(Clock::time_point now) {
  settle(now);
  if (control_ & kAuto) held_ = true;
}

void PerformanceCounters::end(Clock::time_point now) {
  settle(now);
  busy_ = false;
}

}  // namespace pinlab::simulated
