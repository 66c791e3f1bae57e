#include "lock_table.h"

#include <atomic>

#include "existing_buffers.h"

namespace pinlab {
namespace {

using Clock = std::chrono::steady_clock;

/// Locks of one card; WD_TOO_MANY_HANDLES above.
constexpr size_t kMaxLocks = 65536;

std::atomic<uint64_t> last_handle{0};

Error closed() { return {Status::invalid_handle, "the card is closed"}; }

Error no_such_lock() {
  return {Status::invalid_handle, "there is no contiguous lock with this handle"};
}

}  // namespace

Result<std::shared_ptr<Lock>> LockTable::lock(const LockPlan& plan, HostRange range,
                                              std::shared_ptr<void> memory) {
  auto lock = std::make_shared<Lock>();
  lock->handle = ++last_handle;
  lock->original_handle = lock->handle;
  lock->plan = plan;
  lock->range = range;
  lock->memory = std::move(memory);
  return make(std::move(lock));
}

Result<std::shared_ptr<Lock>> LockTable::attach(uint64_t handle, const LockRequest& request,
                                                uint32_t board_address_bits) {
  auto existing = ExistingBuffers::process().find(handle);
  if (!existing) return no_such_lock();
  auto plan = plan_attachment(request, existing->plan, board_address_bits);
  if (!plan.ok()) return plan.error();
  auto lock = std::make_shared<Lock>();
  lock->handle = ++last_handle;
  lock->original_handle = existing->original_handle;
  lock->plan = plan.value();
  lock->range = existing->range;
  lock->memory = existing->memory;
  if (auto joined = join(*lock, handle); !joined.ok()) return joined.error();
  return make(std::move(lock));
}

/// Residency, mapping and page list, unless it has joined another lock's, and the entry.
Result<std::shared_ptr<Lock>> LockTable::make(std::shared_ptr<Lock> lock) {
  auto made = Residency::process().lock(lock->range, space_.keeper());
  if (!made.ok()) {
    if (lock->mapping) leave(*lock->mapping);
    return made.error();
  }
  if (!lock->mapping) made = map(*lock);
  if (made.ok()) made = insert(lock);
  if (!made.ok()) {
    if (lock->mapping) leave(*lock->mapping);
    Residency::process().unlock(lock->range, space_.keeper());
    return made.error();
  }
  return lock;
}

/// Sets the lock's mapping, even when the page list turns out too long.
Result<void> LockTable::map(Lock& lock) {
  auto segments = space_.map(lock.handle, lock.plan, lock.range);
  if (!segments.ok()) return segments.error();
  lock.mapping = std::make_shared<SharedMapping>(SharedMapping{lock.handle});
  auto pages =
      build_page_list(segments.value(), lock.plan.merge_adjacent, lock.plan.page_capacity);
  if (!pages.ok()) return pages.error();
  lock.pages = std::move(pages.value());
  return {};
}

/// Takes a share in the mapping of one of our own locks; leaves `lock` alone when it is another
/// card's.
Result<void> LockTable::join(Lock& lock, uint64_t handle) {
  std::lock_guard guard(mutex_);
  const auto live = live_.find(handle);
  if (live == live_.end()) return {};
  if (live->second->state != Lock::State::locked) return no_such_lock();
  lock.mapping = live->second->mapping;
  lock.pages = live->second->pages;
  ++lock.mapping->users;
  return {};
}

void LockTable::leave(SharedMapping& mapping) {
  {
    std::lock_guard guard(mutex_);
    if (--mapping.users > 0) return;
  }
  space_.unmap(mapping.handle);
}

std::shared_ptr<void> LockTable::memory(const Lock& lock) {
  std::lock_guard guard(mutex_);
  return lock.state == Lock::State::locked ? lock.memory : nullptr;
}

Result<void> LockTable::insert(const std::shared_ptr<Lock>& lock) {
  std::lock_guard guard(mutex_);
  if (shut_) return closed();
  if (live_.size() >= kMaxLocks)
    return Error{Status::too_many_handles, "too many locks on one card"};
  lock->made = lock->used = Clock::now();
  live_.emplace(lock->handle, lock);
  if (lock->plan.kind == LockKind::contiguous) {
    ExistingBuffers::process().add(
        lock->handle, {lock->original_handle, lock->plan, lock->range, lock->memory});
  }
  return {};
}

Result<uint64_t> LockTable::hold(Lock& lock, std::string user) {
  std::lock_guard guard(mutex_);
  if (lock.state != Lock::State::locked) {
    return Error{Status::invalid_handle, "the lock has ended"};
  }
  lock.holds.emplace(++last_hold_, std::move(user));
  lock.used = Clock::now();
  return last_hold_;
}

void LockTable::release(Lock& lock, uint64_t hold) {
  std::lock_guard guard(mutex_);
  if (lock.holds.erase(hold)) lock.used = Clock::now();
}

Result<void> LockTable::use(Lock& lock) {
  std::lock_guard guard(mutex_);
  if (lock.state == Lock::State::unlocked) {
    return Error{Status::invalid_handle, "the lock has ended"};
  }
  lock.used = Clock::now();
  return {};
}

std::vector<LockRecord> LockTable::report() {
  using std::chrono::duration_cast, std::chrono::milliseconds;
  std::lock_guard guard(mutex_);
  const auto now = Clock::now();
  std::vector<LockRecord> records;
  records.reserve(live_.size());
  for (const auto& [handle, lock] : live_) {
    LockRecord record{lock, lock->memory, duration_cast<milliseconds>(now - lock->made),
                      duration_cast<milliseconds>(now - lock->used), {}};
    for (const auto& [id, user] : lock->holds) record.holds.push_back(user);
    records.push_back(std::move(record));
  }
  return records;
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
  ExistingBuffers::process().remove(lock.handle);
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
    ExistingBuffers::process().remove(lock.handle);
  }
  end(lock);
}

void LockTable::end(Lock& lock) {
  leave(*lock.mapping);
  Residency::process().unlock(lock.range, space_.keeper());
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
