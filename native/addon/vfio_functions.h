// What only cards behind VFIO have: how they are opened.
#pragma once

#include <napi.h>

namespace pinlab::addon {

/// Adds openVfio.
void export_vfio(Napi::Env env, Napi::Object exports);

}  // namespace pinlab::addon
