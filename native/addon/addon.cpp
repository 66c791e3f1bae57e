// The addon's entry: per-environment state and the list of exports.

#include <napi.h>
#include <node_version.h>

#include "card_object.h"
#include "environment.h"
#include "simulated_functions.h"
#include "vfio_functions.h"

namespace pinlab::addon {
namespace {

/// initialize(DmaError): once for each environment, before anything else
Napi::Value initialize(const Napi::CallbackInfo& call) {
  if (!call[0].IsFunction()) return type_error(call.Env(), "the class DmaError is needed");
  Environment::of(call.Env()).dma_error = Napi::Persistent(call[0].As<Napi::Function>());
  return call.Env().Undefined();
}

}  // namespace

Napi::Object start(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Environment);
  exports["initialize"] = Napi::Function::New(env, initialize, "initialize");
  // backing_store.cpp ties the addon to the V8 that it was built for.
  exports["moduleVersion"] = Napi::Number::New(env, NODE_MODULE_VERSION);
  export_cards(env, exports);
  export_devices(env, exports);
  export_events(env, exports);
  export_locks(env, exports);
  export_registers(env, exports);
  export_reports(env, exports);
  export_memory(env, exports);
  export_projections(env, exports);
  export_simulated(env, exports);
  export_vfio(env, exports);
  return exports;
}

}  // namespace pinlab::addon

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  return pinlab::addon::start(env, exports);
}
NODE_API_MODULE(pinlab, Init)
