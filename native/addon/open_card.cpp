#include "open_card.h"

#include "card_object.h"
#include "environment.h"
#include "errors.h"
#include "task.h"

namespace pinlab::addon {
namespace {

constexpr const char* kOperation = "openCard";

class OpenTask : public Task {
 public:
  OpenTask(Opener opener, std::shared_ptr<EventBridge> bridge)
      : opener_(std::move(opener)), bridge_(std::move(bridge)) {}
  ~OpenTask() override {
    if (card_) card_->close();
    if (bridge_) bridge_->shut();
  }

  Result<void> run() override {
    auto opened = opener_(*bridge_);
    if (!opened.ok()) return opened.error();
    card_ = opened.value();
    return {};
  }

  Napi::Value settle(Napi::Env env) override {
    auto object = CardObject::create(env, std::move(card_), std::move(bridge_));
    return wrap(env, std::make_unique<std::shared_ptr<CardObject>>(object), kCardTag);
  }

 private:
  Opener opener_;
  std::shared_ptr<EventBridge> bridge_;
  std::shared_ptr<Card> card_;
};

}  // namespace

Napi::Value open_card(const Napi::CallbackInfo& call, size_t first, Opener opener) {
  const Napi::Env env = call.Env();
  for (size_t i = first; i < first + 3; ++i) {
    if (!call[i].IsFunction()) return type_error(env, "the handlers of a card are needed");
  }
  auto bridge =
      EventBridge::create(env, call[first].As<Napi::Function>(),
                          call[first + 1].As<Napi::Function>(), call[first + 2].As<Napi::Function>());
  if (!bridge) {
    return throw_error(env, {Status::system_internal_error, "no interrupt could be set up"},
                       kOperation);
  }
  return Task::start(env, kOperation,
                     std::make_unique<OpenTask>(std::move(opener), std::move(bridge)));
}

}  // namespace pinlab::addon
