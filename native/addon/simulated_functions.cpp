#include "simulated_functions.h"

#include <string_view>

#include "../buses/simulated/simulated_card.h"
#include "card_object.h"
#include "environment.h"
#include "errors.h"
#include "open_card.h"
#include "task.h"

namespace pinlab::addon {
namespace {

using simulated::C2hKind, simulated::Config, simulated::H2cKind, simulated::SimulatedCard;

std::optional<simulated::FrameFormat> read_format(const Napi::Array& pair) {
  const Napi::Value name = pair[0u], channels = pair[1u];
  return simulated::frame_format_of(name.ToString().Utf8Value(),
                                    channels.ToNumber().Uint32Value());
}

std::vector<simulated::Fault> read_faults(const Napi::Array& list) {
  const auto word = [&](uint32_t index) {
    const Napi::Value value = list[index];
    return value.ToNumber().Uint32Value();
  };
  std::vector<simulated::Fault> faults;
  for (uint32_t i = 0; i + 6 < list.Length(); i += 7) {
    faults.push_back({static_cast<simulated::FaultKind>(word(i)), word(i + 1) != 0, word(i + 2),
                      word(i + 3), word(i + 4), word(i + 5), word(i + 6)});
  }
  return faults;
}

/// Reads `{ recordingFormat?: [format, channels], faults: number[] }` into `config`; seven numbers are
/// one fault: kind, 1 for H2C, channel number, count, skip, delay in milliseconds, status bits.
/// WD_INVALID_PARAMETER for a format that is none. TypeScript has checked the types.
Result<void> read_extras(const Napi::Object& extras, Config& config) {
  const Napi::Value format = extras.Get("recordingFormat");
  if (format.IsArray()) {
    config.recording.raw = read_format(format.As<Napi::Array>());
    if (!config.recording.raw) {
      return invalid_parameter("the recording's format is not one of little-endian samples");
    }
  }
  const Napi::Value faults = extras.Get("faults");
  if (faults.IsArray()) config.faults = read_faults(faults.As<Napi::Array>());
  return {};
}

// Not by the wrapper, which ends the process when the worker is being terminated at this point.
template <class Add>
void each_kind(Napi::Env env, const Napi::Value& list, std::string_view stream, Add add) {
  char kind[16];
  for (uint32_t i = 0; i < list.As<Napi::Array>().Length(); ++i) {
    napi_value element = nullptr;
    if (napi_get_element(env, list, i, &element) != napi_ok) return;
    if (napi_get_value_string_utf8(env, element, kind, sizeof kind, nullptr) != napi_ok) return;
    add(kind == stream);
  }
}

/// openSimulated(h2c: string[], c2h: string[], memoryByteLength, fragmentation, recording, extras,
/// onInterrupt, onFault, onRemoval)
Napi::Value open_simulated(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  if (!call[0].IsArray() || !call[1].IsArray() || !call[2].IsNumber() || !call[3].IsNumber() ||
      !call[4].IsString() || !call[5].IsObject()) {
    return type_error(env, "the configuration of a card is needed");
  }
  Config config;
  each_kind(env, call[0], "dac", [&](bool stream) {
    config.h2c.push_back(stream ? H2cKind::dac : H2cKind::memory);
  });
  each_kind(env, call[1], "adc", [&](bool stream) {
    config.c2h.push_back(stream ? C2hKind::adc : C2hKind::memory);
  });
  config.memory_byte_length = static_cast<uint64_t>(call[2].As<Napi::Number>().Int64Value());
  config.fragmentation = call[3].As<Napi::Number>().Uint32Value();
  config.recording.path = call[4].As<Napi::String>().Utf8Value();
  if (auto read = read_extras(call[5].As<Napi::Object>(), config); !read.ok()) {
    return throw_error(env, read.error(), "openCard");
  }
  return open_card(call, 6, [config](EventSink& sink) { return SimulatedCard::open(config, sink); });
}

class RestoreTask : public Task {
 public:
  explicit RestoreTask(std::shared_ptr<CardObject> card) : card_(std::move(card)) {}
  Result<void> run() override {
    if (!card_->card().is_open()) return Error{Status::invalid_handle, "the card is closed"};
    if (card_->card().restore_link()) return {};
    return Error{Status::not_implemented, "the link of this card cannot be restored"};
  }

 private:
  std::shared_ptr<CardObject> card_;
};

/// restoreLink(card): a promise
Napi::Value restore_link(const Napi::CallbackInfo& call) {
  auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  return Task::start(call.Env(), "restoreLink", std::make_unique<RestoreTask>(std::move(card)));
}

/// complaints(card): string[]
Napi::Value complaints(const Napi::CallbackInfo& call) {
  const auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  auto list = Napi::Array::New(call.Env());
  uint32_t length = 0;
  for (const std::string& text : card->card().complaints()) {
    list[length++] = Napi::String::New(call.Env(), text);
  }
  return list;
}

}  // namespace

void export_simulated(Napi::Env env, Napi::Object exports) {
  exports["openSimulated"] = Napi::Function::New(env, open_simulated, "openSimulated");
  exports["complaints"] = Napi::Function::New(env, complaints, "complaints");
  exports["restoreLink"] = Napi::Function::New(env, restore_link, "restoreLink");
}

}  // namespace pinlab::addon
