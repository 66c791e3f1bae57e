// The leak report of a card.

#include "../core/residency.h"
#include "card_object.h"
#include "environment.h"
#include "task.h"

namespace pinlab::addon {
namespace {

class ReportTask : public Task {
 public:
  explicit ReportTask(std::shared_ptr<CardObject> card) : card_(std::move(card)) {}

  Result<void> run() override {
    records_ = card_->card().locks().report();
    for (LockRecord& record : records_) {
      resident_.push_back(resident_byte_length(record.lock->range));
      // Unlock is not to wait for JavaScript to have read the report.
      record.memory.reset();
    }
    return {};
  }

  /// [{ handle, originalHandle, owner, isContiguous, direction, options, byteLength, pageCount,
  /// residentByteLength, ageMs, unusedMs, holds }]
  Napi::Value settle(Napi::Env env) override {
    auto list = Napi::Array::New(env, records_.size());
    for (size_t i = 0; i < records_.size(); ++i) {
      list[static_cast<uint32_t>(i)] = entry(env, records_[i], resident_[i]);
    }
    return list;
  }

 private:
  static Napi::Value entry(Napi::Env env, const LockRecord& record, uint64_t resident) {
    const auto number = [&](auto value) {
      return Napi::Number::New(env, static_cast<double>(value));
    };
    const Lock& lock = *record.lock;
    auto entry = Napi::Object::New(env);
    entry["handle"] = number(lock.handle);
    entry["originalHandle"] = number(lock.original_handle);
    entry["owner"] = Napi::String::New(env, lock.plan.owner);
    entry["isContiguous"] = Napi::Boolean::New(env, lock.plan.kind == LockKind::contiguous);
    entry["direction"] = number(static_cast<uint32_t>(lock.plan.direction));
    entry["options"] = number(lock.plan.options);
    entry["byteLength"] = number(lock.plan.byte_length);
    entry["pageCount"] = number(lock.pages.size());
    entry["residentByteLength"] = number(resident);
    entry["ageMs"] = number(record.age.count());
    entry["unusedMs"] = number(record.unused.count());
    auto holds = Napi::Array::New(env, record.holds.size());
    for (uint32_t i = 0; i < record.holds.size(); ++i) holds[i] = record.holds[i];
    entry["holds"] = holds;
    return entry;
  }

  std::shared_ptr<CardObject> card_;
  std::vector<LockRecord> records_;
  std::vector<uint64_t> resident_;
};

/// lockReport(card): promise
Napi::Value lock_report(const Napi::CallbackInfo& call) {
  auto card = card_argument(call, 0);
  if (!card) return call.Env().Undefined();
  return Task::start(call.Env(), "lockReport", std::make_unique<ReportTask>(std::move(card)));
}

}  // namespace

void export_reports(Napi::Env env, Napi::Object exports) {
  exports["lockReport"] = Napi::Function::New(env, lock_report, "lockReport");
}

}  // namespace pinlab::addon
