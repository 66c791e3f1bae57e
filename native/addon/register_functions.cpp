// Registers by the list, memory accessed like registers, and the trace of writes.

#include "../core/memory_item.h"
#include "../core/register_list.h"
#include "environment.h"
#include "errors.h"
#include "lock_object.h"
#include "task.h"

namespace pinlab::addon {
namespace {

/// Words of one command in the array: kind, bar index, offset, width, value, mask, count or
/// time-out in µs, auto-increment.
constexpr size_t kCommandWords = 8;

RegisterCommand decode(const uint64_t* words) {
  RegisterCommand command;
  command.kind = static_cast<RegisterCommand::Kind>(words[0]);
  command.address = {static_cast<uint32_t>(words[1]), words[2], static_cast<uint32_t>(words[3])};
  command.value = words[4];
  command.mask = words[5];
  if (command.kind == RegisterCommand::Kind::poll) {
    command.timeout = std::chrono::microseconds(words[6]);
  } else {
    command.count = words[6];
  }
  command.auto_increment = words[7] != 0;
  return command;
}

class ListTask : public Task {
 public:
  ListTask(std::shared_ptr<CardObject> card, std::vector<RegisterCommand> commands,
           std::vector<std::byte> written, size_t first_index)
      : card_(std::move(card)),
        commands_(std::move(commands)),
        written_(std::move(written)),
        first_index_(first_index) {}

  Result<void> run() override {
    auto outcome = run_register_list(card_->card(), commands_, written_, first_index_);
    if (!outcome.ok()) return outcome.error();
    outcome_ = std::move(outcome.value());
    return {};
  }

  /// { values, bytes, matched, waited? }
  Napi::Value settle(Napi::Env env) override {
    auto answer = Napi::Object::New(env);
    auto values = Napi::BigUint64Array::New(env, outcome_.values.size());
    auto bytes = Napi::Uint8Array::New(env, outcome_.bytes.size());
    if (values.IsEmpty() || bytes.IsEmpty()) return {};
    std::copy(outcome_.values.begin(), outcome_.values.end(), values.Data());
    std::copy(outcome_.bytes.begin(), outcome_.bytes.end(),
              reinterpret_cast<std::byte*>(bytes.Data()));
    answer["values"] = values;
    answer["bytes"] = bytes;
    answer["matched"] = Napi::Boolean::New(env, outcome_.matched);
    if (outcome_.waited) {
      answer["waited"] = Napi::Number::New(env, static_cast<double>(outcome_.waited->count()));
    }
    return answer;
  }

 private:
  std::shared_ptr<CardObject> card_;
  std::vector<RegisterCommand> commands_;
  std::vector<std::byte> written_;
  size_t first_index_;
  RegisterListOutcome outcome_;
};

/// transferRegisters(card, commands: BigUint64Array, written: Uint8Array, firstIndex): promise
Napi::Value transfer_registers(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  auto card = card_argument(call, 0);
  if (!card) return env.Undefined();
  const bool arrays = call[1].IsTypedArray() && call[2].IsTypedArray();
  if (!arrays || !call[3].IsNumber() || call[1].As<Napi::TypedArray>().TypedArrayType() != napi_biguint64_array ||
      call[2].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    return type_error(env, "encoded commands are needed");
  }
  const auto words = call[1].As<Napi::BigUint64Array>();
  std::vector<RegisterCommand> commands;
  for (size_t i = 0; i + kCommandWords <= words.ElementLength(); i += kCommandWords) {
    if (words[i] >= RegisterCommand::kKinds) return type_error(env, "an unknown command");
    commands.push_back(decode(words.Data() + i));
  }
  const auto bytes = call[2].As<Napi::Uint8Array>();
  const auto* first = reinterpret_cast<const std::byte*>(bytes.Data());
  std::vector<std::byte> written(first, first + bytes.ByteLength());
  return Task::start(env, "transferRegisters",
                     std::make_unique<ListTask>(std::move(card), std::move(commands),
                                                std::move(written),
                                                call[3].As<Napi::Number>().Uint32Value()));
}

/// traceWrites(card, path)
Napi::Value trace_writes(const Napi::CallbackInfo& call) {
  const auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  if (!call[1].IsString()) return type_error(call.Env(), "the path of a file is needed");
  auto traced = card->card().trace_writes(call[1].As<Napi::String>().Utf8Value());
  if (!traced.ok()) return throw_error(call.Env(), traced.error(), "traceWrites");
  return call.Env().Undefined();
}

/// readMemory(lock, offset, width): bigint
Napi::Value read_memory_item(const Napi::CallbackInfo& call) {
  const auto object = lock_argument(call);
  if (!object) return call.Env().Undefined();
  if (!call[1].IsNumber() || !call[2].IsNumber()) {
    return type_error(call.Env(), "an offset and a width are needed");
  }
  auto value = read_memory(object->table(), *object->lock,
                           static_cast<uint64_t>(call[1].As<Napi::Number>().Int64Value()),
                           call[2].As<Napi::Number>().Uint32Value());
  if (!value.ok()) return throw_error(call.Env(), value.error(), "readRegister");
  return Napi::BigInt::New(call.Env(), value.value());
}

/// writeMemory(lock, offset, width, value: bigint)
Napi::Value write_memory_item(const Napi::CallbackInfo& call) {
  const auto object = lock_argument(call);
  if (!object) return call.Env().Undefined();
  if (!call[1].IsNumber() || !call[2].IsNumber() || !call[3].IsBigInt()) {
    return type_error(call.Env(), "an offset, a width and a value are needed");
  }
  bool lossless = false;
  const uint64_t value = call[3].As<Napi::BigInt>().Uint64Value(&lossless);
  auto written = write_memory(object->table(), *object->lock,
                              static_cast<uint64_t>(call[1].As<Napi::Number>().Int64Value()),
                              call[2].As<Napi::Number>().Uint32Value(), value);
  if (!written.ok()) return throw_error(call.Env(), written.error(), "writeRegister");
  return call.Env().Undefined();
}

}  // namespace

void export_registers(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports[name] = Napi::Function::New(env, function, name);
  };
  add("transferRegisters", transfer_registers);
  add("traceWrites", trace_writes);
  add("readMemory", read_memory_item);
  add("writeMemory", write_memory_item);
}

}  // namespace pinlab::addon
