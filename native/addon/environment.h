// What the addon keeps for each JavaScript environment (main thread or worker), and how its objects
// are recognised.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>

#include "../core/result.h"

namespace pinlab::addon {

/// One for each environment, owned by it. Used on its thread only.
struct Environment {
  /// The class DmaError, defined in JavaScript and handed over once.
  Napi::FunctionReference dma_error;
  /// Never null once the addon is loaded.
  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }
};

// Tags that tell our objects from anybody else's; random numbers.
inline constexpr napi_type_tag kCardTag = {0x6d0e9b3c51f74a28, 0x9c1f2b7ad8e64035};
inline constexpr napi_type_tag kLockTag = {0x1b7c44f09e2d4d61, 0xa35e80c7f16b29d4};
inline constexpr napi_type_tag kPageTrackerTag = {0x83f1d26a0b9c4e57, 0x5d20a9e46b7f813c};

/// An object of no class that owns a T until it is collected. The finalizer runs on the
/// environment's thread and must not block for long.
template <class T>
Napi::Value wrap(Napi::Env env, std::unique_ptr<T> owned, const napi_type_tag& tag) {
  Napi::Object object = Napi::Object::New(env);
  napi_type_tag_object(env, object, &tag);
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<T*>(data); };
  if (napi_wrap(env, object, owned.get(), finalize, nullptr, nullptr) == napi_ok) owned.release();
  return object;
}

/// The T inside an object that `wrap` made with the same tag; null for anything else. Throws
/// nothing.
template <class T>
T* unwrap(const Napi::Value& value, const napi_type_tag& tag) {
  if (!value.IsObject()) return nullptr;
  bool ours = false;
  void* data = nullptr;
  if (napi_check_object_type_tag(value.Env(), value, &tag, &ours) != napi_ok || !ours)
    return nullptr;
  if (napi_unwrap(value.Env(), value, &data) != napi_ok) return nullptr;
  return static_cast<T*>(data);
}

/// Throws a TypeError; returns undefined for the caller to return.
inline Napi::Value type_error(Napi::Env env, const char* message) {
  Napi::TypeError::New(env, message).ThrowAsJavaScriptException();
  return env.Undefined();
}

}  // namespace pinlab::addon
