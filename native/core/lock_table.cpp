#include "lock_table.h"

#include <atomic>

#include "residency.h"

namespace pinlab {
namespace {

/// Locks of one card; WD_TOO_MANY_HANDLES above.
constexpr size_t kMaxLocks = 65536;

std::atomic<uint64_t> last_handle{0};

Error closed() { return {Status::invalid_handle, "the card is closed"}; }

}  // namespace

Result<std::shared_ptr<Lock>> LockTable::lock(const LockPlan& plan, HostRange range,
                                              std::shared_ptr<void> memory) {
  auto lock = std::make_shared<Lock>();
  lock->handle = ++last_handle;
  lock->plan = plan;
  lock->range = range;
  lock->memory = std::move(memory);

  auto resident = Residency::process().lock(range);
  if (!resident.ok()) return resident.error();
  auto segments = space_.map(lock->handle, plan, range);
  if (!segments.ok()) {
    Residency::process().unlock(range);
    return segments.error();
  }
  auto pages = build_page_list(segments.value(), plan.merge_adjacent, plan.page_capacity);
  auto kept = pages.ok() ? Result<void>() : Result<void>(pages.error());
  if (kept.ok()) {
    lock->pages = std::move(pages.value());
    kept = insert(lock);
  }
  if (!kept.ok()) {
    space_.unmap(lock->handle);
    Residency::process().unlock(range);
    return kept.error();
  }
  return lock;
}

Result<void> LockTable::insert(const std::shared_ptr<Lock>& lock) {
  std::lock_guard guard(mutex_);
  if (shut_) return closed();
  if (live_.size() >= kMaxLocks)
    return Error{Status::too_many_handles, "too many locks on one card"};
  live_.emplace(lock->handle, lock);
  return {};
}

Result<uint64_t> LockTable::hold(Lock& lock, std::string user) {
  std::lock_guard guard(mutex_);
  if (lock.state != Lock::State::locked) {
    return Error{Status::invalid_handle, "the lock has ended"};
  }
  lock.holds.emplace(++last_hold_, std::move(user));
  return last_hold_;
}

void LockTable::release(Lock& lock, uint64_t hold) {
  std::lock_guard guard(mutex_);
  lock.holds.erase(hold);
}

Result<void> LockTable::begin_unlock(Lock& lock) {
  std::lock_guard guard(mutex_);
  if (lock.state != Lock::State::locked) {
    return Error{Status::operation_already_done, "the lock has been unlocked already"};
  }
  if (!lock.holds.empty()) {
    Error error{Status::try_again, "the lock is in use by " + lock.holds.begin()->second};
    error.help = "stop the transfer first";
    return error;
  }
  lock.state = Lock::State::unlocking;
  return {};
}

void LockTable::finish_unlock(Lock& lock) {
  {
    std::unique_lock guard(mutex_);
    if (lock.state == Lock::State::unlocked) return;
    if (!ending_.insert(lock.handle).second) {
      ended_.wait(guard, [&] { return lock.state == Lock::State::unlocked; });
      return;
    }
    lock.state = Lock::State::unlocking;
  }
  end(lock);
}

void LockTable::end(Lock& lock) {
  space_.unmap(lock.handle);
  Residency::process().unlock(lock.range);
  std::shared_ptr<void> memory;
  std::shared_ptr<Lock> self;
  {
    std::lock_guard guard(mutex_);
    lock.state = Lock::State::unlocked;
    lock.holds.clear();
    memory = std::move(lock.memory);
    ending_.erase(lock.handle);
    if (auto live = live_.find(lock.handle); live != live_.end()) {
      self = std::move(live->second);
      live_.erase(live);
    }
    ended_.notify_all();
  }
}

bool LockTable::is_locked(const Lock& lock) {
  std::lock_guard guard(mutex_);
  return lock.state != Lock::State::unlocked;
}

void LockTable::shut() {
  while (true) {
    std::shared_ptr<Lock> next;
    {
      std::lock_guard guard(mutex_);
      shut_ = true;
      if (live_.empty()) return;
      next = live_.begin()->second;
    }
    finish_unlock(*next);
  }
}

}  // namespace pinlab
