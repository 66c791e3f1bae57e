#include "errors.h"

#include <uv.h>

#include "environment.h"

namespace pinlab::addon {

Napi::Value to_js(Napi::Env env, const Error& error, const char* operation) {
  const auto status = static_cast<uint32_t>(error.status);
  auto fields = Napi::Object::New(env);
  fields["status"] = Napi::Number::New(env, status);
  fields["statusName"] = Napi::String::New(env, status_name(status));
  fields["operation"] = Napi::String::New(env, operation);
  if (error.system_errno)
    fields["errno"] = Napi::String::New(env, uv_err_name(-error.system_errno));
  if (!error.help.empty()) fields["help"] = Napi::String::New(env, error.help);
  if (error.limit) {
    auto limit = Napi::Object::New(env);
    limit["name"] = Napi::String::New(env, error.limit->name);
    const auto set = [&](const char* field, uint64_t value) {
      limit[field] = Napi::Number::New(env, static_cast<double>(value));
    };
    const bool counts = error.limit->wanted_count > 0;
    set(counts ? "count" : "byteLength", counts ? error.limit->count : error.limit->byte_length);
    set(counts ? "wantedCount" : "wantedByteLength",
        counts ? error.limit->wanted_count : error.limit->wanted_byte_length);
    fields["limit"] = limit;
  }
  const std::string message = error.message.empty() ? status_text(status) : error.message;
  return Environment::of(env).dma_error.New({Napi::String::New(env, message), fields});
}

Napi::Value throw_error(Napi::Env env, const Error& error, const char* operation) {
  const Napi::Value value = to_js(env, error, operation);
  if (!value.IsEmpty()) napi_throw(env, value);
  return env.Undefined();
}

}  // namespace pinlab::addon
