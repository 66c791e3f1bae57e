#include "simulated_config.h"

namespace pinlab::addon {

Result<void> read_simulated_extras(const Napi::Object& extras, simulated::Config& config) {
  const Napi::Value given = extras.Get("recordingFormat");
  if (given.IsArray()) {
    const auto pair = given.As<Napi::Array>();
    const Napi::Value name = pair[0u], channels = pair[1u];
    config.recording.raw = simulated::frame_format_of(name.ToString().Utf8Value(),
                                                      channels.ToNumber().Uint32Value());
    if (!config.recording.raw) {
      return invalid_parameter("the recording's format is not one of little-endian samples");
    }
  }
  return {};
}

}  // namespace pinlab::addon
