// A card as JavaScript holds it.
#pragma once

#include <napi.h>

#include <memory>

#include "../core/card.h"
#include "event_bridge.h"

namespace pinlab::addon {

/// One open card and its way to the event loop. Shared by the JavaScript object, the locks, the
/// tasks under way and the environment's clean-up hook. Cards are closed by `close`, by the end of
/// their environment (hook), and quiesced at the end of the process; never by garbage collection.
class CardObject {
 public:
  /// On the environment's thread. Installs the hook.
  static std::shared_ptr<CardObject> create(Napi::Env env, std::shared_ptr<Card> card,
                                            std::shared_ptr<EventBridge> bridge);
  ~CardObject();

  Card& card() { return *card_; }
  EventBridge& bridge() { return *bridge_; }

  /// On the environment's thread, after Card::close: delivers the last events, removes the hook.
  void closed(Napi::Env env);

 private:
  CardObject(napi_env env, std::shared_ptr<Card> card, std::shared_ptr<EventBridge> bridge)
      : env_(env), card_(std::move(card)), bridge_(std::move(bridge)) {}
  static void on_environment_end(void* data);

  napi_env env_;
  std::shared_ptr<Card> card_;
  std::shared_ptr<EventBridge> bridge_;
  std::shared_ptr<CardObject> self_;  ///< an open card keeps itself alive
};

/// Adds what works on a card to the addon's exports.
void export_cards(Napi::Env env, Napi::Object exports);
/// Adds what works on its PCI function.
void export_devices(Napi::Env env, Napi::Object exports);
/// Adds what arms the events of a card.
void export_events(Napi::Env env, Napi::Object exports);
/// Adds what works on locks.
void export_locks(Napi::Env env, Napi::Object exports);
/// Adds lists of registers, memory items and the trace of writes.
void export_registers(Napi::Env env, Napi::Object exports);
/// Adds the leak report.
void export_reports(Napi::Env env, Napi::Object exports);
/// Adds memory, projection and patterns.
void export_memory(Napi::Env env, Napi::Object exports);
void export_projections(Napi::Env env, Napi::Object exports);

/// The card in an argument; throws a TypeError and returns null for anything else.
std::shared_ptr<CardObject> card_argument(const Napi::CallbackInfo& call, size_t index);

}  // namespace pinlab::addon
