#include "event_bridge.h"

namespace pinlab::addon {
namespace {

bool alike(const IommuFault& a, const IommuFault& b) {
  return a.channel == b.channel && a.direction == b.direction &&
         a.mapped_otherwise == b.mapped_otherwise;
}

}  // namespace

std::shared_ptr<EventBridge> EventBridge::create(Napi::Env env, Napi::Function on_interrupt,
                                                 Napi::Function on_fault,
                                                 Napi::Function on_removal) {
  std::shared_ptr<EventBridge> bridge(new EventBridge);
  bridge->on_interrupt_ = Napi::Persistent(on_interrupt);
  bridge->on_fault_ = Napi::Persistent(on_fault);
  bridge->on_removal_ = Napi::Persistent(on_removal);
  // The wake-up keeps the bridge until it is finalized, which may be after the card is gone.
  auto* share = new std::shared_ptr<EventBridge>(bridge);
  const auto finalize = [](napi_env, void* data, void*) {
    delete static_cast<std::shared_ptr<EventBridge>*>(data);
  };
  const napi_value name = Napi::String::New(env, "pinlab.interrupts");
  if (napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, share, finalize,
                                      bridge.get(), on_wake, &bridge->wake_up_) != napi_ok) {
    delete share;
    return nullptr;
  }
  napi_unref_threadsafe_function(env, bridge->wake_up_);
  return bridge;
}

void EventBridge::interrupt(uint32_t vector, uint64_t count) {
  if (vector >= kVectors || !vectors_[vector].armed.load()) return;
  vectors_[vector].count.fetch_add(count);
  wake();
}

void EventBridge::fault(const IommuFault& fault) {
  {
    std::lock_guard guard(faults_mutex_);
    if (!faults_armed_) return;
    for (IommuFault& waiting : faults_) {
      if (!alike(waiting, fault)) continue;
      waiting.count += fault.count;
      return;  // whoever put it there wakes
    }
    if (faults_.size() >= kMaxFaults) return;
    faults_.push_back(fault);
  }
  wake();
}

void EventBridge::removal() {
  auto expected = Removal::none;
  if (removal_.compare_exchange_strong(expected, Removal::wanted)) wake();
}

void EventBridge::wake() {
  if (muted_.load() || woken_.exchange(true)) return;
  napi_call_threadsafe_function(wake_up_, nullptr, napi_tsfn_nonblocking);
}

void EventBridge::on_wake(napi_env env, napi_value, void* context, void*) {
  auto* bridge = static_cast<EventBridge*>(context);
  // First the flag, then the counts: a message in between wakes once more, which does no harm.
  bridge->woken_.store(false);
  if (env && !bridge->muted_.load()) bridge->drain(Napi::Env(env));
}

void EventBridge::drain(Napi::Env env) {
  const Napi::HandleScope scope(env);
  // First what went wrong: the interrupt may say that the transfer is done.
  drain_faults(env);
  for (uint32_t vector = 0; vector < kVectors; ++vector) {
    const auto count = static_cast<double>(vectors_[vector].count.exchange(0));
    if (count == 0) continue;
    on_interrupt_.Call({Napi::Number::New(env, vector), Napi::Number::New(env, count)});
    if (handled_) handled_(vector);
  }
  auto wanted = Removal::wanted;
  if (removal_.compare_exchange_strong(wanted, Removal::told)) on_removal_.Call({});
}

void EventBridge::drain_faults(Napi::Env env) {
  std::deque<IommuFault> faults;
  {
    std::lock_guard guard(faults_mutex_);
    faults.swap(faults_);
  }
  for (const IommuFault& fault : faults) {
    on_fault_.Call({Napi::BigInt::New(env, fault.address),
                    Napi::Boolean::New(env, fault.direction == Direction::to_device),
                    Napi::String::New(env, fault.channel), Napi::Number::New(env, fault.at_ms),
                    Napi::Boolean::New(env, fault.mapped_otherwise),
                    Napi::Number::New(env, static_cast<double>(fault.nearest_handle)),
                    Napi::Number::New(env, static_cast<double>(fault.count))});
  }
}

void EventBridge::arm(uint32_t vector, bool armed) {
  vectors_[vector].count.store(0);
  vectors_[vector].armed.store(armed);
}

void EventBridge::arm_faults(bool armed) {
  std::lock_guard guard(faults_mutex_);
  faults_armed_ = armed;
  faults_.clear();
}

void EventBridge::shut() {
  mute();
  if (wake_up_) napi_release_threadsafe_function(wake_up_, napi_tsfn_abort);
  wake_up_ = nullptr;
  on_interrupt_.Reset();
  on_fault_.Reset();
  on_removal_.Reset();
}

}  // namespace pinlab::addon
