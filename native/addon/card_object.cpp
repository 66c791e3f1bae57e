#include "card_object.h"

#include <cstdlib>
#include <mutex>
#include <set>

#include "environment.h"

namespace pinlab::addon {
namespace {

/// The open cards of all environments. Never destroyed: it is needed while the process exits.
struct OpenCards {
  std::mutex mutex;
  std::set<CardObject*> cards;
};

OpenCards& open_cards() {
  static OpenCards& cards = *new OpenCards;
  return cards;
}

/// At the end of the process there may be no event loop any more, so events go nowhere; locks end
/// with the process. What matters is that clean-up writes run and that no engine is at work while
/// memory goes away.
void quiesce_all() {
  std::lock_guard guard(open_cards().mutex);
  for (CardObject* card : open_cards().cards) {
    card->bridge().mute();
    card->card().quiesce();
  }
}

}  // namespace

std::shared_ptr<CardObject> CardObject::create(Napi::Env env, std::shared_ptr<Card> card,
                                               std::shared_ptr<EventBridge> bridge) {
  static const int registered = std::atexit(quiesce_all);
  static_cast<void>(registered);
  std::shared_ptr<CardObject> object(new CardObject(env, std::move(card), std::move(bridge)));
  object->self_ = object;
  object->bridge_->when_handled([weak = std::weak_ptr(object->card_)](uint32_t vector) {
    if (const auto open = weak.lock()) open->await_interrupt(vector);
  });
  {
    std::lock_guard guard(open_cards().mutex);
    open_cards().cards.insert(object.get());
  }
  napi_add_env_cleanup_hook(env, on_environment_end, object.get());
  return object;
}

CardObject::~CardObject() = default;

void CardObject::on_environment_end(void* data) {
  auto* object = static_cast<CardObject*>(data);
  const std::shared_ptr<CardObject> self = std::move(object->self_);
  {
    std::lock_guard guard(open_cards().mutex);
    open_cards().cards.erase(object);
  }
  object->bridge_->mute();
  object->card_->close();
  object->bridge_->shut();
}

void CardObject::closed(Napi::Env env) {
  const std::shared_ptr<CardObject> self = std::move(self_);
  if (!self) return;  // an earlier call was first
  {
    std::lock_guard guard(open_cards().mutex);
    open_cards().cards.erase(this);
  }
  napi_remove_env_cleanup_hook(env_, on_environment_end, this);
  bridge_->drain(env);
  bridge_->shut();
}

std::shared_ptr<CardObject> card_argument(const Napi::CallbackInfo& call, size_t index) {
  auto* held = unwrap<std::shared_ptr<CardObject>>(call[index], kCardTag);
  if (!held) {
    type_error(call.Env(), "an opened card is needed");
    return nullptr;
  }
  return *held;
}

}  // namespace pinlab::addon
