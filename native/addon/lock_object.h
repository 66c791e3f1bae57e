// A lock as JavaScript holds it.
#pragma once

#include <napi.h>

#include <memory>

#include "card_object.h"

namespace pinlab::addon {

/// With its card, so that neither goes before the other.
struct LockObject {
  std::shared_ptr<CardObject> card;
  std::shared_ptr<Lock> lock;

  LockTable& table() { return card->card().locks(); }
};

/// The lock in the first argument; throws a TypeError and returns null for anything else.
std::shared_ptr<LockObject> lock_argument(const Napi::CallbackInfo& call);

}  // namespace pinlab::addon
