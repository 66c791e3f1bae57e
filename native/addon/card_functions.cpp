// openCard and what is done with a card: registers, bus mastering, reset, close.

#include <cmath>
#include <string_view>

#include "../buses/simulated/simulated_card.h"
#include "card_object.h"
#include "environment.h"
#include "errors.h"
#include "simulated_functions.h"
#include "task.h"

namespace pinlab::addon {
namespace {

class OpenTask : public Task {
 public:
  OpenTask(simulated::Config config, std::shared_ptr<EventBridge> bridge)
      : config_(std::move(config)), bridge_(std::move(bridge)) {}
  ~OpenTask() override {
    if (card_) card_->close();
    if (bridge_) bridge_->shut();
  }

  Result<void> run() override {
    auto opened = simulated::SimulatedCard::open(config_, *bridge_);
    if (!opened.ok()) return opened.error();
    card_ = opened.value();
    return {};
  }

  Napi::Value settle(Napi::Env env) override {
    auto object = CardObject::create(env, std::move(card_), std::move(bridge_));
    return wrap(env, std::make_unique<std::shared_ptr<CardObject>>(object), kCardTag);
  }

 private:
  simulated::Config config_;
  std::shared_ptr<EventBridge> bridge_;
  std::shared_ptr<Card> card_;
};

class CloseTask : public Task {
 public:
  explicit CloseTask(std::shared_ptr<CardObject> card) : card_(std::move(card)) {}
  Result<void> run() override { return card_->card().close(), Result<void>(); }
  Napi::Value settle(Napi::Env env) override { return card_->closed(env), env.Undefined(); }

 private:
  std::shared_ptr<CardObject> card_;
};

class ResetTask : public Task {
 public:
  explicit ResetTask(std::shared_ptr<CardObject> card) : card_(std::move(card)) {}
  Result<void> run() override {
    if (!card_->card().is_open()) return Error{Status::invalid_handle, "the card is closed"};
    card_->card().reset();
    return {};
  }

 private:
  std::shared_ptr<CardObject> card_;
};

/// openCard(h2c: string[], c2h: string[], memoryByteLength, fragmentation, recording, onInterrupt,
/// onFault, extras)
Napi::Value open_card(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  if (call.Length() < 8 || !call[0].IsArray() || !call[1].IsArray() || !call[2].IsNumber() ||
      !call[3].IsNumber() || !call[4].IsString() || !call[5].IsFunction() ||
      !call[6].IsFunction() || !call[7].IsObject()) {
    return type_error(env, "the configuration of a card is needed");
  }
  simulated::Config config;
  // Not by the wrapper, which ends the process when the worker is being terminated at this point.
  const auto kinds = [&](const Napi::Value& value, std::string_view stream, auto add) {
    char kind[16];
    for (uint32_t i = 0; i < value.As<Napi::Array>().Length(); ++i) {
      napi_value element = nullptr;
      if (napi_get_element(env, value, i, &element) != napi_ok) return;
      if (napi_get_value_string_utf8(env, element, kind, sizeof kind, nullptr) != napi_ok) return;
      add(kind == stream);
    }
  };
  kinds(call[0], "dac", [&](bool stream) {
    config.h2c.push_back(stream ? simulated::H2cKind::dac : simulated::H2cKind::memory);
  });
  kinds(call[1], "adc", [&](bool stream) {
    config.c2h.push_back(stream ? simulated::C2hKind::adc : simulated::C2hKind::memory);
  });
  config.memory_byte_length = static_cast<uint64_t>(call[2].As<Napi::Number>().Int64Value());
  config.fragmentation = call[3].As<Napi::Number>().Uint32Value();
  config.recording.path = call[4].As<Napi::String>().Utf8Value();
  if (auto read = read_simulated_extras(call[7].As<Napi::Object>(), config); !read.ok()) {
    return throw_error(env, read.error(), "openCard");
  }
  auto bridge =
      EventBridge::create(env, call[5].As<Napi::Function>(), call[6].As<Napi::Function>());
  if (!bridge) {
    return throw_error(env, {Status::system_internal_error, "no interrupt could be set up"},
                       "openCard");
  }
  return Task::start(env, "openCard",
                     std::make_unique<OpenTask>(std::move(config), std::move(bridge)));
}

/// bars(card): [index, byteLength, ...]
Napi::Value bars(const Napi::CallbackInfo& call) {
  const auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  auto list = Napi::Array::New(call.Env());
  uint32_t length = 0;
  for (const Bar& bar : card->card().bars()) {
    list[length++] = Napi::Number::New(call.Env(), bar.index);
    list[length++] = Napi::Number::New(call.Env(), static_cast<double>(bar.byte_length));
  }
  return list;
}

/// addressWidth(card), isOpen(card), pendingTransactions(card)
Napi::Value address_width(const Napi::CallbackInfo& call) {
  const auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  return Napi::Number::New(call.Env(), card->card().address_bits());
}

Napi::Value is_open(const Napi::CallbackInfo& call) {
  const auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  return Napi::Boolean::New(call.Env(), card->card().is_open());
}

Napi::Value pending_transactions(const Napi::CallbackInfo& call) {
  const auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  return Napi::Number::New(call.Env(), card->card().pending_transactions());
}

bool is_whole(const Napi::Value& value) {
  if (!value.IsNumber()) return false;
  const double number = value.As<Napi::Number>().DoubleValue();
  return number >= 0 && number <= 9007199254740991.0 && std::trunc(number) == number;
}

/// Arguments barIndex, offset, width from `first` on. False: not whole numbers.
bool read_address(const Napi::CallbackInfo& call, size_t first, RegisterAddress& address) {
  if (!is_whole(call[first]) || !is_whole(call[first + 1]) || !is_whole(call[first + 2]))
    return false;
  const auto bar_index = call[first].As<Napi::Number>().Int64Value();
  const auto width = call[first + 2].As<Napi::Number>().Int64Value();
  address.bar_index = bar_index > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(bar_index);
  address.offset = static_cast<uint64_t>(call[first + 1].As<Napi::Number>().Int64Value());
  address.width = width > 64 ? 0 : static_cast<uint32_t>(width);
  return true;
}

/// A number or bigint that fits in `width` bits. Negative ones and others that do not fit are
/// refused.
Result<uint64_t> read_value(const Napi::Value& value, uint32_t width) {
  uint64_t number = 0;
  bool lossless = true;
  if (value.IsBigInt()) {
    number = value.As<Napi::BigInt>().Uint64Value(&lossless);
  } else if (is_whole(value)) {
    number = static_cast<uint64_t>(value.As<Napi::Number>().Int64Value());
  } else {
    lossless = false;
  }
  if (!lossless || (width < 64 && number >> width != 0)) {
    return invalid_parameter("the value does not fit in the register");
  }
  return number;
}

/// readRegister(card, barIndex, offset, width)
Napi::Value read_register(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto card = card_argument(call, 0);
  if (!card) return env.Undefined();
  RegisterAddress address;
  if (!read_address(call, 1, address)) return type_error(env, "a register address is needed");
  auto value = card->card().read_register(address);
  if (!value.ok()) return throw_error(env, value.error(), "readRegister");
  if (address.width == 64) return Napi::BigInt::New(env, value.value());
  return Napi::Number::New(env, static_cast<double>(value.value()));
}

/// writeRegister(card, barIndex, offset, width, value)
Napi::Value write_register(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto card = card_argument(call, 0);
  if (!card) return env.Undefined();
  RegisterAddress address;
  if (!read_address(call, 1, address)) return type_error(env, "a register address is needed");
  auto value = read_value(call[4], address.width);
  if (!value.ok()) return throw_error(env, value.error(), "writeRegister");
  auto written = card->card().write_register(address, value.value());
  if (!written.ok()) return throw_error(env, written.error(), "writeRegister");
  return env.Undefined();
}

/// setCleanup(card, [barIndex, offset, width, value, ...])
Napi::Value set_cleanup(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto card = card_argument(call, 0);
  if (!card) return env.Undefined();
  if (!call[1].IsArray()) return type_error(env, "a list of writes is needed");
  const auto list = call[1].As<Napi::Array>();
  std::vector<RegisterWrite> writes;
  for (uint32_t i = 0; i + 3 < list.Length(); i += 4) {
    const Napi::Value bar_index = list[i], offset = list[i + 1], width = list[i + 2],
                      word = list[i + 3];
    if (!is_whole(bar_index) || !is_whole(offset) || !is_whole(width)) {
      return type_error(env, "a register address is needed");
    }
    RegisterWrite write;
    write.address = {bar_index.As<Napi::Number>().Uint32Value(),
                     static_cast<uint64_t>(offset.As<Napi::Number>().Int64Value()),
                     width.As<Napi::Number>().Uint32Value()};
    auto value = read_value(word, write.address.width);
    if (!value.ok()) return throw_error(env, value.error(), "setCleanup");
    write.value = value.value();
    writes.push_back(write);
  }
  auto set = card->card().set_cleanup(std::move(writes));
  if (!set.ok()) return throw_error(env, set.error(), "setCleanup");
  return env.Undefined();
}

/// setBusMaster(card, enabled)
Napi::Value set_bus_master(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto card = card_argument(call, 0);
  if (!card) return env.Undefined();
  if (!call[1].IsBoolean()) return type_error(env, "true or false is needed");
  if (!card->card().is_open()) {
    return throw_error(env, {Status::invalid_handle, "the card is closed"}, "setBusMaster");
  }
  card->card().set_bus_master(call[1].As<Napi::Boolean>());
  return env.Undefined();
}

/// reset(card), close(card): promises
Napi::Value reset(const Napi::CallbackInfo& call) {
  auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  return Task::start(call.Env(), "reset", std::make_unique<ResetTask>(std::move(card)));
}

Napi::Value close(const Napi::CallbackInfo& call) {
  auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  return Task::start(call.Env(), "close", std::make_unique<CloseTask>(std::move(card)));
}

}  // namespace

void export_cards(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports[name] = Napi::Function::New(env, function, name);
  };
  add("openCard", open_card);
  add("bars", bars);
  add("addressWidth", address_width);
  add("isOpen", is_open);
  add("pendingTransactions", pending_transactions);
  add("readRegister", read_register);
  add("writeRegister", write_register);
  add("setCleanup", set_cleanup);
  add("setBusMaster", set_bus_master);
  add("reset", reset);
  add("close", close);
}

}  // namespace pinlab::addon
