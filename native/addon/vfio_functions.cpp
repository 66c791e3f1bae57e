#include "vfio_functions.h"

#include "../buses/vfio/vfio_card.h"
#include "environment.h"
#include "open_card.h"

namespace pinlab::addon {
namespace {

/// openVfio(address, addressWidth, fragmentation, onInterrupt, onFault, onRemoval)
Napi::Value open_vfio(const Napi::CallbackInfo& call) {
  if (!call[0].IsString() || !call[1].IsNumber() || !call[2].IsNumber()) {
    return type_error(call.Env(), "the configuration of a card is needed");
  }
  const vfio::Config config{call[0].As<Napi::String>().Utf8Value(),
                            call[1].As<Napi::Number>().Uint32Value(),
                            call[2].As<Napi::Number>().Uint32Value()};
  return open_card(call, 3, [config](EventSink& sink) { return vfio::VfioCard::open(config, sink); });
}

}  // namespace

void export_vfio(Napi::Env env, Napi::Object exports) {
  exports["openVfio"] = Napi::Function::New(env, open_vfio, "openVfio");
}

}  // namespace pinlab::addon
