// What is done with a card's PCI function: configuration space, bus mastering, reset.

#include "card_object.h"
#include "environment.h"
#include "errors.h"
#include "task.h"

namespace pinlab::addon {
namespace {

Error closed() { return {Status::invalid_handle, "the card is closed"}; }

class ResetTask : public Task {
 public:
  explicit ResetTask(std::shared_ptr<CardObject> card) : card_(std::move(card)) {}
  Result<void> run() override {
    if (!card_->card().is_open()) return closed();
    return card_->card().reset();
  }

 private:
  std::shared_ptr<CardObject> card_;
};

/// A whole number of 32 bits.
bool is_word(const Napi::Value& value) {
  if (!value.IsNumber()) return false;
  const double number = value.As<Napi::Number>().DoubleValue();
  return number >= 0 && number <= UINT32_MAX && number == static_cast<uint32_t>(number);
}

/// Arguments 1 and 2: offset, width.
ConfigAddress config_address(const Napi::CallbackInfo& call) {
  return {call[1].As<Napi::Number>().Uint32Value(), call[2].As<Napi::Number>().Uint32Value()};
}

/// readConfig(card, offset, width)
Napi::Value read_config(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto card = card_argument(call, 0);
  if (!card) return env.Undefined();
  if (!is_word(call[1]) || !is_word(call[2])) return type_error(env, "a place is needed");
  auto value = card->card().read_config(config_address(call));
  if (!value.ok()) return throw_error(env, value.error(), "readConfig");
  return Napi::Number::New(env, value.value());
}

/// writeConfig(card, offset, width, value)
Napi::Value write_config(const Napi::CallbackInfo& call) {
  constexpr const char* kOperation = "writeConfig";
  const Napi::Env env = call.Env();
  const auto card = card_argument(call, 0);
  if (!card) return env.Undefined();
  if (!is_word(call[1]) || !is_word(call[2])) return type_error(env, "a place is needed");
  const ConfigAddress address = config_address(call);
  const bool fits = is_word(call[3]) && (address.width >= 32 ||
                                         call[3].As<Napi::Number>().Uint32Value() >> address.width == 0);
  if (!fits) {
    return throw_error(env, invalid_parameter("the value does not fit in the width"), kOperation);
  }
  auto written = card->card().write_config(address, call[3].As<Napi::Number>().Uint32Value());
  if (!written.ok()) return throw_error(env, written.error(), kOperation);
  return env.Undefined();
}

/// busMaster(card)
Napi::Value bus_master(const Napi::CallbackInfo& call) {
  const auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  return Napi::Boolean::New(call.Env(), card->card().is_open() && card->card().bus_master());
}

/// setBusMaster(card, enabled)
Napi::Value set_bus_master(const Napi::CallbackInfo& call) {
  constexpr const char* kOperation = "setBusMaster";
  const Napi::Env env = call.Env();
  const auto card = card_argument(call, 0);
  if (!card) return env.Undefined();
  if (!call[1].IsBoolean()) return type_error(env, "true or false is needed");
  if (!card->card().is_open()) return throw_error(env, closed(), kOperation);
  auto set = card->card().set_bus_master(call[1].As<Napi::Boolean>());
  if (!set.ok()) return throw_error(env, set.error(), kOperation);
  return env.Undefined();
}

/// pendingTransactions(card)
Napi::Value pending_transactions(const Napi::CallbackInfo& call) {
  const auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  const bool is_open = card->card().is_open();
  return Napi::Number::New(call.Env(), is_open ? card->card().pending_transactions() : 0);
}

/// vectorCount(card)
Napi::Value vector_count(const Napi::CallbackInfo& call) {
  const auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  return Napi::Number::New(call.Env(), card->card().vectors());
}

/// canReset(card)
Napi::Value can_reset(const Napi::CallbackInfo& call) {
  const auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  return Napi::Boolean::New(call.Env(), card->card().can_reset());
}

/// reset(card): a promise
Napi::Value reset(const Napi::CallbackInfo& call) {
  auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  return Task::start(call.Env(), "reset", std::make_unique<ResetTask>(std::move(card)));
}

}  // namespace

void export_devices(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports[name] = Napi::Function::New(env, function, name);
  };
  add("readConfig", read_config);
  add("writeConfig", write_config);
  add("busMaster", bus_master);
  add("setBusMaster", set_bus_master);
  add("pendingTransactions", pending_transactions);
  add("vectorCount", vector_count);
  add("canReset", can_reset);
  add("reset", reset);
}

}  // namespace pinlab::addon
