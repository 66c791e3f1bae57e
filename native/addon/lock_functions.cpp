// What is done with locks: lock, hold, sync, unlock.

#include <atomic>

#include "backing_store.h"
#include "environment.h"
#include "errors.h"
#include "lock_object.h"
#include "task.h"

namespace pinlab::addon {
namespace {

/// Ends in a lock: what the promise resolves with.
class LockingTask : public Task {
 public:
  /// { object, handle, originalHandle, options, direction, byteLength, addresses, byteLengths,
  /// bytes? }
  Napi::Value settle(Napi::Env env) override {
    auto answer = Napi::Object::New(env);
    auto addresses = Napi::BigUint64Array::New(env, lock_->pages.size());
    auto byte_lengths = Napi::Uint32Array::New(env, lock_->pages.size());
    if (addresses.IsEmpty() || byte_lengths.IsEmpty()) return {};
    for (size_t i = 0; i < lock_->pages.size(); ++i) {
      addresses[i] = lock_->pages[i].address;
      byte_lengths[i] = lock_->pages[i].byte_length;
    }
    answer["handle"] = Napi::Number::New(env, static_cast<double>(lock_->handle));
    answer["originalHandle"] = Napi::Number::New(env, static_cast<double>(lock_->original_handle));
    answer["options"] = Napi::Number::New(env, lock_->plan.options);
    answer["direction"] = Napi::Number::New(env, static_cast<uint32_t>(lock_->plan.direction));
    answer["byteLength"] = Napi::Number::New(env, static_cast<double>(lock_->plan.byte_length));
    answer["addresses"] = addresses;
    answer["byteLengths"] = byte_lengths;
    if (shown_) answer["bytes"] = expose_memory(env, {lock_->range, std::move(shown_)});
    auto object = std::make_shared<LockObject>(LockObject{card_, lock_});
    answer["object"] = wrap(env, std::make_unique<std::shared_ptr<LockObject>>(object), kLockTag);
    return answer;
  }

 protected:
  explicit LockingTask(std::shared_ptr<CardObject> card) : card_(std::move(card)) {}

  LockTable& locks() { return card_->card().locks(); }
  Card& card() { return card_->card(); }

  /// Contiguous memory is shown to the caller unless KERNEL_ONLY_MAP says not to.
  Result<void> keep(Result<std::shared_ptr<Lock>> locked) {
    if (!locked.ok()) return locked.error();
    lock_ = locked.value();
    const LockPlan& plan = lock_->plan;
    if (plan.kind == LockKind::contiguous && plan.user_mapping) shown_ = locks().memory(*lock_);
    return {};
  }

 private:
  std::shared_ptr<CardObject> card_;
  std::shared_ptr<Lock> lock_;
  std::shared_ptr<void> shown_;
};

class LockTask : public LockingTask {
 public:
  LockTask(std::shared_ptr<CardObject> card, LockPlan plan, SharedMemory memory)
      : LockingTask(std::move(card)), plan_(std::move(plan)), memory_(std::move(memory)) {}

  Result<void> run() override {
    if (plan_.kind == LockKind::contiguous) {
      auto allocated = HostMemory::allocate(plan_.byte_length);
      if (!allocated.ok()) return allocated.error();
      memory_.range = {allocated.value()->data(), plan_.byte_length};
      memory_.owner = std::move(allocated.value());
    }
    return keep(locks().lock(plan_, memory_.range, std::move(memory_.owner)));
  }

 private:
  LockPlan plan_;
  SharedMemory memory_;
};

class AttachTask : public LockingTask {
 public:
  AttachTask(std::shared_ptr<CardObject> card, uint64_t handle, LockRequest request)
      : LockingTask(std::move(card)), handle_(handle), request_(std::move(request)) {}

  Result<void> run() override {
    return keep(locks().attach(handle_, request_, card().address_bits()));
  }

 private:
  uint64_t handle_;
  LockRequest request_;
};

class UnlockTask : public Task {
 public:
  explicit UnlockTask(std::shared_ptr<LockObject> object) : object_(std::move(object)) {}
  Result<void> run() override {
    object_->table().finish_unlock(*object_->lock);
    return {};
  }

 private:
  std::shared_ptr<LockObject> object_;
};

/// Arguments from `first` on: options, direction bits (0: not given), maxPages (undefined: not
/// given), owner.
bool read_request(const Napi::CallbackInfo& call, size_t first, LockRequest& request) {
  const Napi::Value options = call[first], direction = call[first + 1], owner = call[first + 3];
  const Napi::Value max_pages = call[first + 2];
  if (!options.IsNumber() || !direction.IsNumber() || !owner.IsString()) return false;
  if (!max_pages.IsUndefined() && !max_pages.IsNumber()) return false;
  request.options = options.As<Napi::Number>().Uint32Value();
  if (const uint32_t bits = direction.As<Napi::Number>().Uint32Value()) {
    request.direction = static_cast<Direction>(bits & option::direction_mask);
  }
  if (max_pages.IsNumber()) request.max_pages = max_pages.As<Napi::Number>().Uint32Value();
  request.owner = owner.As<Napi::String>().Utf8Value();
  return true;
}

Napi::Value rejected(Napi::Env env, const Error& error, const char* operation) {
  auto deferred = Napi::Promise::Deferred::New(env);
  deferred.Reject(to_js(env, error, operation));
  return deferred.Promise();
}

Napi::Value start_lock(const Napi::CallbackInfo& call, std::shared_ptr<CardObject> card,
                       const LockRequest& request, SharedMemory memory, const char* operation) {
  const Napi::Env env = call.Env();
  if (!card->card().is_open()) {
    return rejected(env, {Status::invalid_handle, "the card is closed"}, operation);
  }
  auto plan = plan_lock(request, card->card().address_bits());
  if (!plan.ok()) return rejected(env, plan.error(), operation);
  return Task::start(env, operation,
                     std::make_unique<LockTask>(std::move(card), plan.value(), std::move(memory)));
}

/// lockScatterGather(card, bytes, options, direction, maxPages, owner): promise
Napi::Value lock_scatter_gather(const Napi::CallbackInfo& call) {
  constexpr const char* kOperation = "lockScatterGather";
  auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  LockRequest request;
  if (!read_request(call, 2, request)) return type_error(call.Env(), "lock options are needed");
  auto memory = share_memory(call[1]);
  if (!memory.ok()) return rejected(call.Env(), memory.error(), kOperation);
  request.byte_length = memory.value().range.byte_length;
  return start_lock(call, std::move(card), request, std::move(memory.value()), kOperation);
}

/// lockContiguous(card, byteLength, options, direction, maxPages, owner): promise
Napi::Value lock_contiguous(const Napi::CallbackInfo& call) {
  auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  LockRequest request;
  if (!call[1].IsNumber() || !read_request(call, 2, request)) {
    return type_error(call.Env(), "a length and lock options are needed");
  }
  request.kind = LockKind::contiguous;
  const auto byte_length = call[1].As<Napi::Number>().Int64Value();
  request.byte_length = byte_length < 0 ? 0 : static_cast<uint64_t>(byte_length);
  return start_lock(call, std::move(card), request, {}, "lockContiguous");
}

/// attachContiguous(card, handle, options, direction, maxPages, owner): promise
Napi::Value attach_contiguous(const Napi::CallbackInfo& call) {
  constexpr const char* kOperation = "attachContiguous";
  auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  LockRequest request;
  if (!call[1].IsNumber() || !read_request(call, 2, request)) {
    return type_error(call.Env(), "a handle and lock options are needed");
  }
  request.kind = LockKind::contiguous;
  if (!card->card().is_open()) {
    return rejected(call.Env(), {Status::invalid_handle, "the card is closed"}, kOperation);
  }
  const auto handle = static_cast<uint64_t>(call[1].As<Napi::Number>().Int64Value());
  return Task::start(call.Env(), kOperation,
                     std::make_unique<AttachTask>(std::move(card), handle, std::move(request)));
}

/// unlock(lock): promise; what is refused is refused at once
Napi::Value unlock(const Napi::CallbackInfo& call) {
  auto object = lock_argument(call);
  if (!object) return call.Env().Undefined();
  auto begun = object->table().begin_unlock(*object->lock);
  if (!begun.ok()) return rejected(call.Env(), begun.error(), "unlock");
  return Task::start(call.Env(), "unlock", std::make_unique<UnlockTask>(std::move(object)));
}

/// isLocked(lock)
Napi::Value is_locked(const Napi::CallbackInfo& call) {
  const auto object = lock_argument(call);
  if (!object) return call.Env().Undefined();
  return Napi::Boolean::New(call.Env(), object->table().is_locked(*object->lock));
}

/// sync(lock, operation): both syncs. x86 and the buses we have are cache-coherent, so a fence is
/// all.
Napi::Value sync(const Napi::CallbackInfo& call) {
  const auto object = lock_argument(call);
  if (!object) return call.Env().Undefined();
  auto used = object->table().use(*object->lock);
  if (!used.ok()) {
    const bool for_device = call[1].ToBoolean();
    return throw_error(call.Env(), used.error(), for_device ? "syncForDevice" : "syncForCpu");
  }
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return call.Env().Undefined();
}

/// hold(lock, user): id
Napi::Value hold(const Napi::CallbackInfo& call) {
  const auto object = lock_argument(call);
  if (!object) return call.Env().Undefined();
  if (!call[1].IsString()) return type_error(call.Env(), "a hold needs the name of its user");
  auto held =
      object->table().hold(*object->lock, call[1].As<Napi::String>().Utf8Value());
  if (!held.ok()) return throw_error(call.Env(), held.error(), "hold");
  return Napi::Number::New(call.Env(), static_cast<double>(held.value()));
}

/// release(lock, id)
Napi::Value release(const Napi::CallbackInfo& call) {
  const auto object = lock_argument(call);
  if (!object || !call[1].IsNumber()) return call.Env().Undefined();
  const auto id = static_cast<uint64_t>(call[1].As<Napi::Number>().Int64Value());
  object->table().release(*object->lock, id);
  return call.Env().Undefined();
}

}  // namespace

std::shared_ptr<LockObject> lock_argument(const Napi::CallbackInfo& call) {
  auto* held = unwrap<std::shared_ptr<LockObject>>(call[0], kLockTag);
  if (held) return *held;
  type_error(call.Env(), "a lock is needed");
  return nullptr;
}

void export_locks(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports[name] = Napi::Function::New(env, function, name);
  };
  add("lockScatterGather", lock_scatter_gather);
  add("lockContiguous", lock_contiguous);
  add("attachContiguous", attach_contiguous);
  add("unlock", unlock);
  add("isLocked", is_locked);
  add("sync", sync);
  add("hold", hold);
  add("release", release);
}

}  // namespace pinlab::addon
