// What the configuration of a simulated card says besides its channels and memory.
#pragma once

#include <napi.h>

#include "../buses/simulated/simulated_card.h"

namespace pinlab::addon {

/// Reads `{ recordingFormat?: [format, channels] }` into `config`. WD_INVALID_PARAMETER for a format
/// that is none. TypeScript has checked the types.
Result<void> read_simulated_extras(const Napi::Object& extras, simulated::Config& config);

}  // namespace pinlab::addon
