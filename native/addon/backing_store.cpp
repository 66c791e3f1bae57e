#include "backing_store.h"

#include <v8.h>

#include <cstring>

namespace pinlab::addon {
namespace {

// Node-API values are V8 handles of the same size; V8 offers no other bridge, Node itself does the
// same.
v8::Local<v8::Value> to_v8(napi_value value) {
  static_assert(sizeof(napi_value) == sizeof(v8::Local<v8::Value>));
  v8::Local<v8::Value> local;
  std::memcpy(static_cast<void*>(&local), &value, sizeof value);
  return local;
}

napi_value from_v8(v8::Local<v8::Value> local) {
  napi_value value;
  std::memcpy(&value, static_cast<void*>(&local), sizeof value);
  return value;
}

void let_go(void*, size_t, void* share) { delete static_cast<std::shared_ptr<void>*>(share); }

}  // namespace

Result<SharedMemory> share_memory(const Napi::Value& bytes) {
  const v8::Local<v8::Value> value = to_v8(bytes);
  if (value.IsEmpty() || !value->IsUint8Array()) return invalid_parameter("a Uint8Array is needed");
  const auto view = value.As<v8::Uint8Array>();
  const auto buffer = view->Buffer();
  // A view of a SharedArrayBuffer answers with it from Buffer() too, whatever the type says.
  const auto store = buffer->GetBackingStore();
  if (!store) return invalid_parameter("the ArrayBuffer is detached");
  if (store->IsShared()) return invalid_parameter("a SharedArrayBuffer cannot be locked");
  if (store->IsResizableByUserJavaScript()) {
    return invalid_parameter("a resizable ArrayBuffer cannot be locked");
  }
  auto* start = static_cast<std::byte*>(store->Data());
  return SharedMemory{{start ? start + view->ByteOffset() : nullptr, view->ByteLength()}, store};
}

Napi::Value expose_memory(Napi::Env env, SharedMemory memory) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  const size_t byte_length = memory.range.byte_length;
  auto* share = new std::shared_ptr<void>(std::move(memory.owner));
  auto store =
      v8::ArrayBuffer::NewBackingStore(memory.range.start, byte_length, let_go, share);
  const auto buffer = v8::ArrayBuffer::New(isolate, std::move(store));
  return Napi::Value(env, from_v8(v8::Uint8Array::New(buffer, 0, byte_length)));
}

}  // namespace pinlab::addon
