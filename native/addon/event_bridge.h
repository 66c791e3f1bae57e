// From a card's threads to the event loop: interrupts, faults, and the wish to have it closed.
#pragma once

#include <napi.h>

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "../core/card.h"

namespace pinlab::addon {

/// Counts interrupts by vector and wakes the event loop once for however many come before it runs,
/// so nothing queues up and nothing is lost. Does not keep the event loop alive. `interrupt`,
/// `fault` and `removal` may be called from any thread until `shut` has returned; the rest belongs to the
/// environment's thread.
class EventBridge : public EventSink, public std::enable_shared_from_this<EventBridge> {
 public:
  /// Kinds of fault that wait at most: those of one channel, direction and reason are counted as
  /// one. More are dropped until the event loop has run.
  static constexpr size_t kMaxFaults = 64;

  /// `on_interrupt(vector, count)` and `on_fault(address, toDevice, channel, at, mappedOtherwise,
  /// nearestHandle, count)` and `on_removal()`, which is called once, must not throw. Null when the
  /// system gives no more wake-ups.
  static std::shared_ptr<EventBridge> create(Napi::Env env, Napi::Function on_interrupt,
                                             Napi::Function on_fault, Napi::Function on_removal);

  /// Called with the vector each time that its handler has run. Before the first message.
  void when_handled(std::function<void(uint32_t)> handled) { handled_ = std::move(handled); }

  // EventSink; any thread, never blocks for long.
  void interrupt(uint32_t vector, uint64_t count) override;
  void fault(const IommuFault& fault) override;
  void removal() override;

  /// From here on, messages of this vector are counted; what came before is not. Or no longer are.
  void arm(uint32_t vector, bool armed);
  /// Likewise for faults. Those that wait are dropped.
  void arm_faults(bool armed);

  /// Hands over what has been counted, now.
  void drain(Napi::Env env);

  /// No message goes any further. Does not touch the event loop; any thread; for the end of the
  /// process.
  void mute() { muted_.store(true); }
  /// Lets go of the event loop. The card must have stopped. The environment's thread, twice is
  /// once.
  void shut();

 private:
  EventBridge() = default;
  void wake();
  static void on_wake(napi_env env, napi_value, void* context, void*);
  void drain_faults(Napi::Env env);

  /// Armed and count are apart so that a message takes no lock.
  struct Vector {
    std::atomic<bool> armed{false};
    std::atomic<uint64_t> count{0};
  };
  std::array<Vector, kVectors> vectors_;
  std::mutex faults_mutex_;
  std::deque<IommuFault> faults_;
  bool faults_armed_ = false;
  enum class Removal { none, wanted, told };
  std::atomic<Removal> removal_{Removal::none};
  std::atomic<bool> muted_{false};
  std::atomic<bool> woken_{false};  ///< a wake-up is on its way
  napi_threadsafe_function wake_up_ = nullptr;
  Napi::FunctionReference on_interrupt_;
  Napi::FunctionReference on_fault_;
  Napi::FunctionReference on_removal_;
  std::function<void(uint32_t)> handled_;
};

}  // namespace pinlab::addon
