// Memory without a card: page allocation, limits, patterns, search.

#include <cmath>
#include <map>
#include <mutex>
#include <vector>

#include "../core/find.h"
#include "../core/pattern.h"
#include "../core/residency.h"
#include "backing_store.h"
#include "card_object.h"
#include "environment.h"
#include "errors.h"
#include "task.h"

namespace pinlab::addon {
namespace {

/// What allocatePages has handed out in any environment and is not freed yet. Never destroyed.
struct Allocations {
  std::mutex mutex;
  std::map<const std::byte*, std::weak_ptr<HostMemory>> by_start;
};

Allocations& allocations() {
  static Allocations& all = *new Allocations;
  return all;
}

void remember(const std::shared_ptr<HostMemory>& memory) {
  std::lock_guard guard(allocations().mutex);
  std::erase_if(allocations().by_start, [](const auto& entry) { return entry.second.expired(); });
  allocations().by_start[memory->data()] = memory;
}

/// allocatePages(byteLength): Uint8Array
Napi::Value allocate_pages(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const double wanted = call[0].IsNumber() ? call[0].As<Napi::Number>().DoubleValue() : 0;
  if (!(wanted >= 1) || wanted > 9007199254740991.0 || std::trunc(wanted) != wanted) {
    return throw_error(env, invalid_parameter("a length of at least 1 byte is needed"),
                       "allocatePages");
  }
  auto memory = HostMemory::allocate(static_cast<uint64_t>(wanted));
  if (!memory.ok()) return throw_error(env, memory.error(), "allocatePages");
  remember(memory.value());
  const HostRange range{memory.value()->data(), memory.value()->byte_length()};
  return expose_memory(env, {range, std::move(memory.value())});
}

/// freePages(bytes): detaches and unmaps now
Napi::Value free_pages(const Napi::CallbackInfo& call) {
  constexpr const char* kOperation = "freePages";
  const Napi::Env env = call.Env();
  {
    // The share must be gone before the buffer is detached: the last owner unmaps.
    auto shared = share_memory(call[0]);
    if (!shared.ok()) return throw_error(env, shared.error(), kOperation);
    std::lock_guard guard(allocations().mutex);
    const auto entry = allocations().by_start.find(shared.value().range.start);
    const auto memory = entry == allocations().by_start.end() ? nullptr : entry->second.lock();
    if (!memory || memory->byte_length() != shared.value().range.byte_length) {
      return throw_error(env, invalid_parameter("the bytes are not what allocatePages returned"),
                         kOperation);
    }
    if (Residency::process().overlaps(shared.value().range)) {
      return throw_error(env, {Status::try_again, "the memory is locked for a board"}, kOperation);
    }
    allocations().by_start.erase(entry);
  }
  napi_detach_arraybuffer(env, call[0].As<Napi::Uint8Array>().ArrayBuffer());
  return env.Undefined();
}

/// detach(bytes): takes the memory away from all views of its ArrayBuffer
Napi::Value detach(const Napi::CallbackInfo& call) {
  if (!call[0].IsTypedArray()) return type_error(call.Env(), "a typed array is needed");
  napi_detach_arraybuffer(call.Env(), call[0].As<Napi::TypedArray>().ArrayBuffer());
  return call.Env().Undefined();
}

class FillTask : public Task {
 public:
  FillTask(SharedMemory memory, Pattern pattern, uint64_t seed)
      : memory_(std::move(memory)), pattern_(pattern), seed_(seed) {}
  Result<void> run() override {
    fill_pattern(memory_.range.start, memory_.range.byte_length, pattern_, seed_);
    return {};
  }

 private:
  SharedMemory memory_;
  Pattern pattern_;
  uint64_t seed_;
};

/// fillPattern(bytes, pattern, seed): promise
Napi::Value fill(const Napi::CallbackInfo& call) {
  constexpr const char* kOperation = "fillPattern";
  const Napi::Env env = call.Env();
  if (!call[1].IsString() || !call[2].IsNumber())
    return type_error(env, "a pattern and a seed are needed");
  const auto pattern = pattern_of(call[1].As<Napi::String>().Utf8Value());
  auto memory = share_memory(call[0]);
  if (!memory.ok()) return throw_error(env, memory.error(), kOperation);
  if (!pattern) return throw_error(env, invalid_parameter("unknown pattern"), kOperation);
  const auto seed = static_cast<uint64_t>(call[2].As<Napi::Number>().Int64Value());
  return Task::start(env, kOperation,
                     std::make_unique<FillTask>(std::move(memory.value()), *pattern, seed));
}

/// What is looked for is copied: its arrays are JavaScript's.
struct FindRequest {
  std::vector<std::byte> bytes;
  std::vector<std::byte> mask;
  FindRange range;
};

class FindTask : public Task {
 public:
  FindTask(SharedMemory memory, FindRequest request)
      : memory_(std::move(memory)), request_(std::move(request)) {}
  Result<void> run() override {
    const Needle needle{request_.bytes.data(), request_.mask.data(), request_.bytes.size()};
    found_ = find_bytes(memory_.range.start, memory_.range.byte_length, needle, request_.range);
    return {};
  }
  Napi::Value settle(Napi::Env env) override {
    auto offsets = Napi::Float64Array::New(env, found_.size());
    if (!offsets.IsEmpty()) std::copy(found_.begin(), found_.end(), offsets.Data());
    return offsets;
  }

 private:
  SharedMemory memory_;
  FindRequest request_;
  std::vector<uint64_t> found_;
};

std::vector<std::byte> bytes_in(const Napi::Value& value) {
  const auto view = value.As<Napi::Uint8Array>();
  const auto* data = reinterpret_cast<const std::byte*>(view.Data());
  return {data, data + view.ByteLength()};
}

/// findBytes(memory, bytes, mask, from, end, alignment, limit, backward): promise of a Float64Array
Napi::Value find(const Napi::CallbackInfo& call) {
  constexpr const char* kOperation = "findBytes";
  const Napi::Env env = call.Env();
  for (size_t i = 3; i < 7; ++i) {
    if (!call[i].IsNumber()) return type_error(env, "a range of four numbers is needed");
  }
  auto memory = share_memory(call[0]);
  if (!memory.ok()) return throw_error(env, memory.error(), kOperation);
  // Each also refuses what is no Uint8Array.
  for (size_t i = 1; i < 3; ++i) {
    auto needle = share_memory(call[i]);
    if (!needle.ok()) return throw_error(env, needle.error(), kOperation);
  }
  const auto number = [&](size_t i) { return call[i].As<Napi::Number>().Int64Value(); };
  FindRequest request{bytes_in(call[1]), bytes_in(call[2]),
                      {.from = static_cast<uint64_t>(number(3)),
                       .end = static_cast<uint64_t>(number(4)),
                       .alignment = static_cast<uint64_t>(number(5)),
                       .backward = call[7].ToBoolean(),
                       .limit = static_cast<uint64_t>(number(6))}};
  if (request.bytes.empty() || request.bytes.size() != request.mask.size()) {
    return throw_error(env, invalid_parameter("bytes and mask are equally long, at least 1 byte"),
                       kOperation);
  }
  if (number(3) < 0 || number(4) < 0 || number(5) < 1 || number(6) < 0) {
    return throw_error(env, invalid_parameter("the range to search is negative"), kOperation);
  }
  return Task::start(env, kOperation,
                     std::make_unique<FindTask>(std::move(memory.value()), std::move(request)));
}

/// hostLimits(): [soft, hard, locked], Infinity for unlimited
Napi::Value host_limits(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto number = [&](uint64_t bytes) {
    return Napi::Number::New(env, bytes == UINT64_MAX ? HUGE_VAL : static_cast<double>(bytes));
  };
  const MemlockLimit limit = memlock_limit();
  auto list = Napi::Array::New(env, 3);
  list[0u] = number(limit.soft);
  list[1u] = number(limit.hard);
  list[2u] = Napi::Number::New(env, static_cast<double>(locked_byte_length()));
  return list;
}

/// statusName(status), statusText(status)
Napi::Value name_of(const Napi::CallbackInfo& call) {
  return Napi::String::New(call.Env(), status_name(call[0].ToNumber().Uint32Value()));
}

Napi::Value text_of(const Napi::CallbackInfo& call) {
  return Napi::String::New(call.Env(), status_text(call[0].ToNumber().Uint32Value()));
}

}  // namespace

void export_memory(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports[name] = Napi::Function::New(env, function, name);
  };
  add("allocatePages", allocate_pages);
  add("freePages", free_pages);
  add("detach", detach);
  add("fillPattern", fill);
  add("findBytes", find);
  add("hostLimits", host_limits);
  add("statusName", name_of);
  add("statusText", text_of);
}

}  // namespace pinlab::addon
