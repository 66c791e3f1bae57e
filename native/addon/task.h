// Work that blocks, off the event loop, and the promise that tells how it ended.
#pragma once

#include <napi.h>

#include <memory>

#include "../core/result.h"

namespace pinlab::addon {

/// One piece of blocking work. Made and ended on the environment's thread; `run` is called once on
/// a thread of libuv's pool. A pending task keeps the event loop alive. When the environment ends
/// first, Node waits for `run`, and then `settle` is not called: what `run` did must be undone by
/// somebody else (cards are closed by their clean-up hooks) or by the destructor.
class Task {
 public:
  /// On the environment's thread, after settle or instead of it.
  virtual ~Task() = default;

  /// Starts the task and returns its promise. `operation` is a literal, for errors.
  static Napi::Value start(Napi::Env env, const char* operation, std::unique_ptr<Task> task);

 protected:
  /// On a pool thread: no JavaScript, no handle.
  virtual Result<void> run() = 0;
  /// On the environment's thread, after success: what the promise resolves with.
  virtual Napi::Value settle(Napi::Env env) { return env.Undefined(); }

 private:
  // What Node-API calls; `data` is the task.
  static void execute(napi_env env, void* data);
  static void complete(napi_env env, napi_status status, void* data);

  const char* operation_ = "";
  Result<void> outcome_;
  napi_async_work work_ = nullptr;
  napi_deferred deferred_ = nullptr;
};

}  // namespace pinlab::addon
