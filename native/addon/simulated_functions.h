// What only simulated cards have: the rest of their configuration, and what can be done with them.
#pragma once

#include <napi.h>

#include "../buses/simulated/simulated_card.h"

namespace pinlab::addon {

/// Reads `{ recordingFormat?: [format, channels], faults: number[] }` into `config`; six numbers are
/// one fault: kind, 1 for H2C, channel number, count, skip, delay in milliseconds.
/// WD_INVALID_PARAMETER for a format that is none. TypeScript has checked the types.
Result<void> read_simulated_extras(const Napi::Object& extras, simulated::Config& config);

/// Adds restoreLink and complaints.
void export_simulated(Napi::Env env, Napi::Object exports);

}  // namespace pinlab::addon
