// The one place where an error of the core becomes a DmaError of JavaScript.
#pragma once

#include <napi.h>

#include "../core/result.h"

namespace pinlab::addon {

/// A new DmaError: message, WD status, `operation` (the function that was called), and where there
/// are any errno's name, the limit and the help. Empty when the environment cannot run JavaScript
/// any more.
Napi::Value to_js(Napi::Env env, const Error& error, const char* operation);

/// Throws it.
Napi::Value throw_error(Napi::Env env, const Error& error, const char* operation);

}  // namespace pinlab::addon
