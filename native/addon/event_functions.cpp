// Which events of a card reach JavaScript: interrupts by vector, and refused accesses.

#include <cmath>

#include "card_object.h"
#include "environment.h"
#include "errors.h"

namespace pinlab::addon {
namespace {

/// armInterrupt(card, vector, armed)
Napi::Value arm_interrupt(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto card = card_argument(call, 0);
  if (!card) return env.Undefined();
  if (!call[1].IsNumber() || !call[2].IsBoolean()) return type_error(env, "a vector is needed");
  const double vector = call[1].As<Napi::Number>().DoubleValue();
  if (!(vector >= 0 && vector < card->card().vectors()) || std::trunc(vector) != vector) {
    return throw_error(env, invalid_parameter("the card has no such vector"), "onInterrupt");
  }
  if (!card->card().is_open()) {
    return throw_error(env, {Status::invalid_handle, "the card is closed"}, "onInterrupt");
  }
  const bool armed = call[2].As<Napi::Boolean>();
  card->bridge().arm(static_cast<uint32_t>(vector), armed);
  if (armed) card->card().await_interrupt(static_cast<uint32_t>(vector));
  return env.Undefined();
}

/// armFaults(card, armed)
Napi::Value arm_faults(const Napi::CallbackInfo& call) {
  const auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  card->bridge().arm_faults(call[1].ToBoolean());
  return call.Env().Undefined();
}

}  // namespace

void export_events(Napi::Env env, Napi::Object exports) {
  exports["armInterrupt"] = Napi::Function::New(env, arm_interrupt, "armInterrupt");
  exports["armFaults"] = Napi::Function::New(env, arm_faults, "armFaults");
}

}  // namespace pinlab::addon
