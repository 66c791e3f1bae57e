#include <algorithm>

#include "adc.h"

namespace pinlab::simulated {
namespace {

/// How long an engine sleeps at most before it takes what has come, so that long buffers fill
/// visibly.
constexpr std::chrono::milliseconds kPatience{10};
/// Until somebody wakes it: a change of the settings does.
constexpr std::chrono::milliseconds kForever{3'600'000};

}  // namespace

void AdcFifo::configure(const AdcSettings& settings, Clock::time_point now) {
  std::lock_guard guard(mutex_);
  update(now);
  const bool rises = settings.enabled && !settings_.enabled;
  const bool falls = !settings.enabled && settings_.enabled;
  const bool reshaped = settings.signal.frame_byte_length() != settings_.signal.frame_byte_length();
  settings_ = settings;
  if (rises) produced_ = partial_ = 0;
  if (rises || falls || reshaped) clear();
  if (rises) packet_ended_ = false;
  if (falls) packet_ended_ = in_descriptor_;
  rebase(now);
}

void AdcFifo::clear() {
  runs_.clear();
  held_ = 0;
}

void AdcFifo::rebase(Clock::time_point now) {
  base_ = now;
  base_frames_ = produced_;
}

/// Lets the frames in that have come since the last look.
void AdcFifo::update(Clock::time_point now) {
  if (!flowing() || !paced()) return;
  const auto elapsed = std::chrono::duration_cast<std::chrono::nanoseconds>(now - base_).count();
  const auto frames = static_cast<unsigned __int128>(std::max<int64_t>(elapsed, 0)) *
                      settings_.signal.frames_per_second / 1'000'000'000;
  const uint64_t produced = std::max(base_frames_ + static_cast<uint64_t>(frames), produced_);
  const uint64_t frame = settings_.signal.frame_byte_length();
  const uint64_t room = (kDepthByteLength - std::min(held_, kDepthByteLength)) / frame;
  const uint64_t accepted = std::min(produced - produced_, room);
  if (accepted > 0) {
    const Run run{produced_ * frame + partial_, (produced_ + accepted) * frame};
    partial_ = 0;
    if (!runs_.empty() && runs_.back().end == run.begin) {
      runs_.back().end = run.end;
    } else {
      runs_.push_back(run);
    }
    held_ += run.end - run.begin;
  }
  dropped_ += produced - produced_ - accepted;
  produced_ = produced;
}

AdcFifo::Clock::time_point AdcFifo::time_of(uint64_t byte_length) const {
  const uint64_t frame = settings_.signal.frame_byte_length();
  const uint64_t frames = produced_ - base_frames_ + (byte_length + frame - 1) / frame;
  const auto elapsed =
      static_cast<unsigned __int128>(frames) * 1'000'000'000 / settings_.signal.frames_per_second +
      1;
  return base_ + std::chrono::nanoseconds(static_cast<int64_t>(elapsed));
}

AdcFifo::Taken AdcFifo::take(uint64_t wanted, Clock::time_point now) {
  std::lock_guard guard(mutex_);
  update(now);
  Taken taken;
  taken.signal = settings_.signal;
  taken.enabled = settings_.enabled;
  taken.end_of_packet = packet_ended_;
  taken.next = now + (flowing() ? kPatience : kForever);
  if (packet_ended_) return packet_ended_ = false, taken;
  if (!flowing()) return taken;
  if (runs_.empty() && paced()) {
    taken.next = std::min(taken.next, time_of(wanted));
    return taken;
  }
  if (runs_.empty()) {
    const uint64_t frame = settings_.signal.frame_byte_length();
    taken.position = produced_ * frame + partial_;
    taken.byte_length = wanted;
    produced_ += (partial_ + wanted) / frame;
    partial_ = (partial_ + wanted) % frame;
    return taken;
  }
  Run& run = runs_.front();
  taken.position = run.begin;
  taken.byte_length = std::min(wanted, run.end - run.begin);
  run.begin += taken.byte_length;
  held_ -= taken.byte_length;
  if (run.begin == run.end) runs_.pop_front();
  return taken;
}

AdcFifo::Dropped AdcFifo::dropped(Clock::time_point now) {
  std::lock_guard guard(mutex_);
  update(now);
  const bool grown = dropped_ != dropped_reported_;
  dropped_reported_ = dropped_;
  return {dropped_, grown};
}

void AdcFifo::begin_descriptor() {
  std::lock_guard guard(mutex_);
  in_descriptor_ = true;
}

void AdcFifo::end_descriptor() {
  std::lock_guard guard(mutex_);
  in_descriptor_ = false;
  packet_ended_ = false;
}

void AdcFifo::reset() {
  std::lock_guard guard(mutex_);
  settings_ = AdcSettings{};
  clear();
  produced_ = partial_ = base_frames_ = dropped_ = dropped_reported_ = 0;
  packet_ended_ = false;
}

}  // namespace pinlab::simulated
