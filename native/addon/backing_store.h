// The two things about ArrayBuffers that Node-API cannot do: share the ownership of one's memory,
// and hand out memory of ours whose release does not need the environment.
//
// The only file of the addon that uses V8 itself, so the addon belongs to the Node version that it
// was built for; the loader checks that.
#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "../core/host_memory.h"

namespace pinlab::addon {

/// The memory of a Uint8Array together with a share in its backing store: whoever detaches,
/// transfers or drops the ArrayBuffer, the memory stays until `owner` is released, on whatever
/// thread.
struct SharedMemory {
  HostRange range;
  std::shared_ptr<void> owner;
};

/// Refused with a message: what is not a Uint8Array, a SharedArrayBuffer, a resizable ArrayBuffer,
/// a detached one. 0 bytes of a fixed ArrayBuffer are answered and for the caller to judge.
Result<SharedMemory> share_memory(const Napi::Value& bytes);

/// A Uint8Array over all of `memory.range`. The ArrayBuffer's backing store keeps the owner's share;
/// when it ends, by detaching or collection, it lets go, on whatever thread. Each call makes an
/// ArrayBuffer of its own.
Napi::Value expose_memory(Napi::Env env, SharedMemory memory);

}  // namespace pinlab::addon
