// Projections of memory that views show: waves, spectra, statistics, triggers, changed pages, checked copies.

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "../core/checked_copy.h"
#include "../core/page_tracker.h"
#include "../core/projection.h"
#include "../core/spectrum.h"
#include "../core/statistics.h"
#include "../core/trigger.h"
#include "card_object.h"
#include "environment.h"
#include "errors.h"

namespace pinlab::addon {
namespace {

/// The memory of a typed array, for the length of the call; of no bytes if it is detached.
struct Bytes {
  std::byte* data = nullptr;
  uint64_t byte_length = 0;
};

Bytes bytes_of(const Napi::Value& value) {
  const auto view = value.As<Napi::TypedArray>();
  Bytes bytes;
  void* data = nullptr;
  // Not by the ArrayBuffer, which a view of shared memory does not have.
  if (napi_get_typedarray_info(value.Env(), value, nullptr, nullptr, &data, nullptr, nullptr) ==
      napi_ok) {
    bytes = {static_cast<std::byte*>(data), data ? view.ByteLength() : 0};
  }
  return bytes;
}

int64_t whole(const Napi::Value& value) { return value.As<Napi::Number>().Int64Value(); }

bool are_numbers(const Napi::CallbackInfo& call, size_t first, size_t count) {
  for (size_t i = first; i < first + count; ++i) {
    if (!call[i].IsNumber()) return false;
  }
  return true;
}

/// projectWave(bytes, format, channels, stride, columns): Float32Array
Napi::Value project_wave_of(const Napi::CallbackInfo& call) {
  constexpr const char* kOperation = "projectWave";
  constexpr uint32_t kMaxValues = 1u << 28;
  const Napi::Env env = call.Env();
  if (!call[0].IsTypedArray() || !call[1].IsString() || !are_numbers(call, 2, 3)) {
    return type_error(env, "a wave request is needed");
  }
  const auto format = sample_format(call[1].As<Napi::String>().Utf8Value());
  const auto channels = whole(call[2]);
  const auto stride = whole(call[3]);
  const auto columns = whole(call[4]);
  if (!format) return throw_error(env, invalid_parameter("unknown sample format"), kOperation);
  if (channels < 1 || channels > 1024 || columns < 1 || columns > (1 << 20) ||
      channels * columns * 4 > kMaxValues) {
    return throw_error(env, invalid_parameter("channels or columns are out of range"), kOperation);
  }
  if (stride < channels * sample_byte_length(*format) || stride > UINT32_MAX) {
    return throw_error(env, invalid_parameter("stride is less than the channels need"), kOperation);
  }
  const Bytes bytes = bytes_of(call[0]);
  auto wave = Napi::Float32Array::New(env, static_cast<size_t>(channels * columns * 4));
  if (wave.IsEmpty()) return wave;
  project_wave({bytes.data, bytes.byte_length, *format, static_cast<uint32_t>(channels),
                static_cast<uint64_t>(stride), static_cast<uint32_t>(columns)},
               wave.Data());
  return wave;
}

/// One channel of those side by side, as the arguments bytes, format, channel and stride say.
struct ChannelArgument {
  Bytes bytes;  ///< from the channel's first sample on
  SampleFormat format;
  uint64_t stride;

  uint64_t count() const {
    return sample_count(bytes.byte_length, sample_byte_length(format), stride);
  }
};

/// Nothing where they say none; that has been thrown then.
std::optional<ChannelArgument> channel_of(const Napi::CallbackInfo& call, const char* operation) {
  const auto refuse = [&](const char* why) {
    throw_error(call.Env(), invalid_parameter(why), operation);
    return std::nullopt;
  };
  const auto format = sample_format(call[1].As<Napi::String>().Utf8Value());
  if (!format) return refuse("unknown sample format");
  const auto channel = whole(call[2]);
  const auto stride = whole(call[3]);
  const int64_t sample = sample_byte_length(*format);
  if (channel < 0 || channel >= 1024 || stride < (channel + 1) * sample || stride > UINT32_MAX) {
    return refuse("stride does not reach over the channel");
  }
  Bytes bytes = bytes_of(call[0]);
  const auto skipped = std::min(bytes.byte_length, static_cast<uint64_t>(channel * sample));
  bytes = {bytes.data + skipped, bytes.byte_length - skipped};
  return ChannelArgument{bytes, *format, static_cast<uint64_t>(stride)};
}

/// projectSpectrum(bytes, format, channel, stride, size, window): Float32Array
Napi::Value project_spectrum_of(const Napi::CallbackInfo& call) {
  constexpr const char* kOperation = "projectSpectrum";
  const Napi::Env env = call.Env();
  if (!call[0].IsTypedArray() || !call[1].IsString() || !are_numbers(call, 2, 3) ||
      !call[5].IsString()) {
    return type_error(env, "a spectrum request is needed");
  }
  const auto channel = channel_of(call, kOperation);
  if (!channel) return env.Undefined();
  const auto size = whole(call[4]);
  const auto window = spectrum_window(call[5].As<Napi::String>().Utf8Value());
  if (!window) return throw_error(env, invalid_parameter("unknown window"), kOperation);
  if (size < 0 || !is_spectrum_size(static_cast<uint64_t>(size))) {
    return throw_error(env, invalid_parameter("the size is a power of two from 256 to 65536"),
                       kOperation);
  }
  if (channel->count() < static_cast<uint64_t>(size)) {
    return throw_error(env, invalid_parameter("the memory has fewer samples than the size"),
                       kOperation);
  }
  auto levels = Napi::Float32Array::New(env, static_cast<size_t>(size / 2 + 1));
  if (levels.IsEmpty()) return levels;
  project_spectrum({channel->bytes.data, channel->format, channel->stride,
                    static_cast<uint32_t>(size), *window},
                   levels.Data());
  return levels;
}

std::optional<TriggerEdge> trigger_edge(const std::string& name) {
  if (name == "rising") return TriggerEdge::rising;
  if (name == "falling") return TriggerEdge::falling;
  if (name == "either") return TriggerEdge::either;
  return std::nullopt;
}

/// findTrigger(bytes, format, channel, stride, edge, level, hysteresis, holdOff, first, end, newest):
/// where the level is met, in samples; null
Napi::Value find_trigger_of(const Napi::CallbackInfo& call) {
  constexpr const char* kOperation = "findTrigger";
  const Napi::Env env = call.Env();
  if (!call[0].IsTypedArray() || !call[1].IsString() || !are_numbers(call, 2, 2) ||
      !call[4].IsString() || !are_numbers(call, 5, 5) || !call[10].IsBoolean()) {
    return type_error(env, "a trigger request is needed");
  }
  const auto channel = channel_of(call, kOperation);
  if (!channel) return env.Undefined();
  const auto edge = trigger_edge(call[4].As<Napi::String>().Utf8Value());
  if (!edge) return throw_error(env, invalid_parameter("unknown edge"), kOperation);
  const double level = call[5].As<Napi::Number>().DoubleValue();
  const double hysteresis = call[6].As<Napi::Number>().DoubleValue();
  const int64_t samples[] = {whole(call[7]), whole(call[8]), whole(call[9])};
  if (!std::isfinite(level) || !std::isfinite(hysteresis) || hysteresis < 0 ||
      std::any_of(std::begin(samples), std::end(samples), [](int64_t n) { return n < 0; })) {
    return throw_error(env, invalid_parameter("the level is no number, or the rest is negative"),
                       kOperation);
  }
  const auto trigger = find_trigger({.bytes = channel->bytes.data,
                                     .byte_length = channel->bytes.byte_length,
                                     .format = channel->format,
                                     .stride = channel->stride,
                                     .edge = *edge,
                                     .level = level,
                                     .hysteresis = hysteresis,
                                     .hold_off = static_cast<uint64_t>(samples[0]),
                                     .first = static_cast<uint64_t>(samples[1]),
                                     .end = static_cast<uint64_t>(samples[2]),
                                     .newest = call[10].As<Napi::Boolean>().Value()});
  if (!trigger) return env.Null();
  return Napi::Number::New(env, static_cast<double>(trigger->sample) - trigger->ahead);
}

/// projectStatistics(bytes, format, channels, stride): Float64Array
Napi::Value project_statistics_of(const Napi::CallbackInfo& call) {
  constexpr const char* kOperation = "projectStatistics";
  const Napi::Env env = call.Env();
  if (!call[0].IsTypedArray() || !call[1].IsString() || !are_numbers(call, 2, 2)) {
    return type_error(env, "a statistics request is needed");
  }
  const auto format = sample_format(call[1].As<Napi::String>().Utf8Value());
  const auto channels = whole(call[2]);
  const auto stride = whole(call[3]);
  if (!format) return throw_error(env, invalid_parameter("unknown sample format"), kOperation);
  if (channels < 1 || channels > 1024) {
    return throw_error(env, invalid_parameter("channels are out of range"), kOperation);
  }
  if (stride < channels * sample_byte_length(*format) || stride > UINT32_MAX) {
    return throw_error(env, invalid_parameter("stride is less than the channels need"), kOperation);
  }
  const Bytes bytes = bytes_of(call[0]);
  auto statistics =
      Napi::Float64Array::New(env, static_cast<size_t>(channels) * kStatisticsPerChannel);
  if (statistics.IsEmpty()) return statistics;
  project_statistics({bytes.data, bytes.byte_length, *format, static_cast<uint32_t>(channels),
                      static_cast<uint64_t>(stride)},
                     statistics.Data());
  return statistics;
}

/// trackPages(offset, byteLength): the tracker
Napi::Value track_pages(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  if (!are_numbers(call, 0, 2)) return type_error(env, "an offset and a length are needed");
  const auto offset = whole(call[0]);
  const auto byte_length = whole(call[1]);
  if (offset < 0 || byte_length < 1 ||
      byte_length > static_cast<int64_t>(PageTracker::kMaxByteLength)) {
    return throw_error(env, invalid_parameter("a window has 1 byte to 64 MiB"), "trackPages");
  }
  return wrap(env,
              std::make_unique<PageTracker>(static_cast<uint64_t>(offset),
                                            static_cast<uint64_t>(byte_length)),
              kPageTrackerTag);
}

/// lookAtPages(tracker, buffer): Uint8Array
Napi::Value look_at_pages(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  auto* tracker = unwrap<PageTracker>(call[0], kPageTrackerTag);
  if (!tracker || !call[1].IsTypedArray()) {
    return type_error(env, "a page tracker and the buffer's bytes are needed");
  }
  const Bytes bytes = bytes_of(call[1]);
  if (bytes.byte_length < tracker->byte_length() ||
      bytes.byte_length - tracker->byte_length() < tracker->offset()) {
    return throw_error(env, invalid_parameter("the buffer ends before the window"), "look");
  }
  const auto& ages = tracker->look(bytes.data + tracker->offset());
  auto answer = Napi::Uint8Array::New(env, ages.size());
  if (!answer.IsEmpty()) std::copy(ages.begin(), ages.end(), answer.Data());
  return answer;
}

/// copyChecked(card, barIndex, offset, width, stepsPerLap, first, end, from, to): boolean
Napi::Value copy_checked_of(const Napi::CallbackInfo& call) {
  constexpr const char* kOperation = "copyChecked";
  const Napi::Env env = call.Env();
  const auto card = card_argument(call, 0);
  if (!card) return env.Undefined();
  if (!are_numbers(call, 1, 6) || !call[7].IsTypedArray() || !call[8].IsTypedArray()) {
    return type_error(env, "a ring's steps and two arrays are needed");
  }
  const Bytes from = bytes_of(call[7]);
  const Bytes to = bytes_of(call[8]);
  if (from.byte_length != to.byte_length) {
    return throw_error(env, invalid_parameter("both arrays are equally long"), kOperation);
  }
  const RingSteps steps{
      .counter = {static_cast<uint32_t>(whole(call[1])), static_cast<uint64_t>(whole(call[2])),
                  static_cast<uint32_t>(whole(call[3]))},
      .per_lap = static_cast<uint64_t>(whole(call[4])),
      .first = static_cast<uint64_t>(whole(call[5])),
      .end = static_cast<uint64_t>(whole(call[6])),
  };
  auto is_whole = copy_checked(card->card(), steps, from.data, to.data, to.byte_length);
  if (!is_whole.ok()) return throw_error(env, is_whole.error(), kOperation);
  return Napi::Boolean::New(env, is_whole.value());
}

}  // namespace

void export_projections(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports[name] = Napi::Function::New(env, function, name);
  };
  add("projectWave", project_wave_of);
  add("projectSpectrum", project_spectrum_of);
  add("findTrigger", find_trigger_of);
  add("projectStatistics", project_statistics_of);
  add("trackPages", track_pages);
  add("lookAtPages", look_at_pages);
  add("copyChecked", copy_checked_of);
}

}  // namespace pinlab::addon
