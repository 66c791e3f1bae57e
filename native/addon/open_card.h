// Opening a card, whatever its bus: off the event loop, with its way back to JavaScript.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>

#include "../core/card.h"

namespace pinlab::addon {

/// Opens a card of some bus. Called once, on a pool thread; may block. The sink outlives the card.
using Opener = std::function<Result<std::shared_ptr<Card>>(EventSink&)>;

/// A promise of the card. Arguments from `first` on are the functions onInterrupt, onFault and
/// onRemoval, see EventBridge::create.
Napi::Value open_card(const Napi::CallbackInfo& call, size_t first, Opener opener);

}  // namespace pinlab::addon
