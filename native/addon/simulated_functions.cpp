#include "simulated_functions.h"

#include "card_object.h"
#include "task.h"

namespace pinlab::addon {
namespace {

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
  for (uint32_t i = 0; i + 5 < list.Length(); i += 6) {
    faults.push_back({static_cast<simulated::FaultKind>(word(i)), word(i + 1) != 0, word(i + 2),
                      word(i + 3), word(i + 4), word(i + 5)});
  }
  return faults;
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

Result<void> read_simulated_extras(const Napi::Object& extras, simulated::Config& config) {
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

void export_simulated(Napi::Env env, Napi::Object exports) {
  exports["complaints"] = Napi::Function::New(env, complaints, "complaints");
  exports["restoreLink"] = Napi::Function::New(env, restore_link, "restoreLink");
}

}  // namespace pinlab::addon
