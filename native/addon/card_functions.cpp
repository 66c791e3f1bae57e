// What a card says of itself, its registers, and its end.

#include <algorithm>
#include <cmath>

#include "card_object.h"
#include "environment.h"
#include "errors.h"
#include "task.h"

namespace pinlab::addon {
namespace {

class CloseTask : public Task {
 public:
  explicit CloseTask(std::shared_ptr<CardObject> card) : card_(std::move(card)) {}
  Result<void> run() override { return card_->card().close(), Result<void>(); }
  Napi::Value settle(Napi::Env env) override { return card_->closed(env), env.Undefined(); }

 private:
  std::shared_ptr<CardObject> card_;
};

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

/// addressWidth(card), isOpen(card)
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

bool is_whole(const Napi::Value& value) {
  if (!value.IsNumber()) return false;
  const double number = value.As<Napi::Number>().DoubleValue();
  return number >= 0 && number <= 9007199254740991.0 && std::trunc(number) == number;
}

/// False: not whole numbers. Those that are too large stay so, and name no register.
bool to_address(const Napi::Value& bar_index, const Napi::Value& offset, const Napi::Value& width,
                RegisterAddress& address) {
  if (!is_whole(bar_index) || !is_whole(offset) || !is_whole(width)) return false;
  const auto number = [](const Napi::Value& value) {
    return static_cast<uint64_t>(value.As<Napi::Number>().Int64Value());
  };
  address.bar_index = static_cast<uint32_t>(std::min<uint64_t>(number(bar_index), UINT32_MAX));
  address.offset = number(offset);
  address.width = number(width) > 64 ? 0 : static_cast<uint32_t>(number(width));
  return true;
}

/// Arguments barIndex, offset, width from `first` on.
bool read_address(const Napi::CallbackInfo& call, size_t first, RegisterAddress& address) {
  return to_address(call[first], call[first + 1], call[first + 2], address);
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
    RegisterWrite write;
    if (!to_address(bar_index, offset, width, write.address)) {
      return type_error(env, "a register address is needed");
    }
    auto value = read_value(word, write.address.width);
    if (!value.ok()) return throw_error(env, value.error(), "setCleanup");
    write.value = value.value();
    writes.push_back(write);
  }
  auto set = card->card().set_cleanup(std::move(writes));
  if (!set.ok()) return throw_error(env, set.error(), "setCleanup");
  return env.Undefined();
}

/// close(card): a promise
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
  add("bars", bars);
  add("addressWidth", address_width);
  add("isOpen", is_open);
  add("readRegister", read_register);
  add("writeRegister", write_register);
  add("setCleanup", set_cleanup);
  add("close", close);
}

}  // namespace pinlab::addon
