#include "task.h"

#include <cerrno>
#include <new>

#include "errors.h"

namespace pinlab::addon {

Napi::Value Task::start(Napi::Env env, const char* operation, std::unique_ptr<Task> task) {
  napi_value promise = nullptr;
  const napi_value name = Napi::String::New(env, operation);
  task->operation_ = operation;
  if (napi_create_promise(env, &task->deferred_, &promise) != napi_ok) return env.Undefined();
  if (napi_create_async_work(env, nullptr, name, execute, complete, task.get(), &task->work_) !=
          napi_ok ||
      napi_queue_async_work(env, task->work_) != napi_ok) {
    const Error error{Status::system_internal_error, "work could not be queued"};
    napi_reject_deferred(env, task->deferred_, to_js(env, error, operation));
    return Napi::Value(env, promise);
  }
  task.release();  // complete() takes it back
  return Napi::Value(env, promise);
}

void Task::execute(napi_env, void* data) {
  auto* task = static_cast<Task*>(data);
  try {
    task->outcome_ = task->run();
  } catch (const std::bad_alloc&) {
    task->outcome_ = Error{Status::insufficient_resources, "out of memory", ENOMEM};
  }
}

void Task::complete(napi_env raw, napi_status status, void* data) {
  const std::unique_ptr<Task> task(static_cast<Task*>(data));
  const Napi::Env env(raw);
  const Napi::HandleScope scope(env);
  napi_delete_async_work(raw, task->work_);
  if (status != napi_ok) return;  // cancelled: the environment is ending
  // In an environment that ends, values come out empty and the promise has no one to tell.
  const bool ok = task->outcome_.ok();
  const Napi::Value value =
      ok ? task->settle(env) : to_js(env, task->outcome_.error(), task->operation_);
  if (value.IsEmpty()) return;
  ok ? napi_resolve_deferred(raw, task->deferred_, value)
     : napi_reject_deferred(raw, task->deferred_, value);
}

}  // namespace pinlab::addon
