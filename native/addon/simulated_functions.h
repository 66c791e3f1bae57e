// What only simulated cards have: how they are opened, and what can be done with them.
#pragma once

#include <napi.h>

namespace pinlab::addon {

/// Adds openSimulated, restoreLink and complaints.
void export_simulated(Napi::Env env, Napi::Object exports);

}  // namespace pinlab::addon
