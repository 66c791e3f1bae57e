// The locks of one card: made, held, ended. The same flow for every bus.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "host_memory.h"
#include "options.h"
#include "page_list.h"
#include "residency.h"
#include "result.h"

namespace pinlab {

/// What a bus does for a lock; the lock table keeps the books. Called from any thread, several at
/// once.
class AddressSpace {
 public:
  virtual ~AddressSpace() = default;

  /// Lets the device reach `memory` (resident already). Segments in the order of the memory, with
  /// device addresses that are never 0 and keep the offset in the page. Undone by itself when it
  /// fails.
  virtual Result<std::vector<Segment>> map(uint64_t handle, const LockPlan& plan,
                                           HostRange memory) = 0;

  /// Ends the device's access: when it returns, nothing of the lock can be reached and no access is
  /// in flight. Blocks for as long as one access takes. Cannot fail.
  virtual void unmap(uint64_t handle) = 0;

  /// Who keeps mapped memory resident.
  virtual Keeper keeper() const { return Keeper::us; }
};

/// What the attachments of one contiguous lock on one card share: the device's addresses, which
/// end with the last of them.
struct SharedMapping {
  uint64_t handle = 0;  ///< under which the address space knows it
  uint32_t users = 1;   ///< guarded by the table
};

/// One WD_DMALock. Fields above the line are constant once the lock is made.
struct Lock {
  uint64_t handle = 0;
  /// The lock that the memory was first locked with: itself, unless it is an attachment.
  uint64_t original_handle = 0;
  LockPlan plan;
  std::shared_ptr<SharedMapping> mapping;
  std::vector<Page> pages;
  HostRange range;
  /// Keeps the memory itself alive until the lock has ended: the caller's backing store, or ours.
  std::shared_ptr<void> memory;
  // ----
  enum class State { locked, unlocking, unlocked };
  State state = State::locked;            ///< guarded by the table
  std::map<uint64_t, std::string> holds;  ///< hold id -> user; guarded by the table
  std::chrono::steady_clock::time_point made, used;  ///< guarded by the table
};

/// What the leak report says of a live lock.
struct LockRecord {
  std::shared_ptr<const Lock> lock;  ///< constant fields only
  std::shared_ptr<void> memory;      ///< keeps the lock's range there while one looks at it
  std::chrono::milliseconds age{0};
  std::chrono::milliseconds unused{0};  ///< since it was last made, held, released or synced
  std::vector<std::string> holds;       ///< users, oldest first
};

/// Thread-safe. Handles are never 0 and never reused in this process.
class LockTable {
 public:
  explicit LockTable(AddressSpace& space) : space_(space) {}

  /// WD_DMALock: residency, mapping, page list, in this order, undone in reverse when one fails.
  /// `memory` keeps `range` alive. Blocks; not for the event loop. WD_INVALID_HANDLE once the table
  /// is shut.
  Result<std::shared_ptr<Lock>> lock(const LockPlan& plan, HostRange range,
                                     std::shared_ptr<void> memory);

  /// WD_DMALock with GET_EXISTING_BUF: one more lock of the memory that the contiguous lock `handle`
  /// of this process covers, with a handle and holds of its own; memory and addresses stay until
  /// the last is unlocked. A lock of this table is attached to with its addresses; the lock of
  /// another card is mapped for this one. Blocks like `lock`. WD_INVALID_HANDLE when there is no
  /// such lock, WD_INVALID_PARAMETER as plan_attachment.
  Result<std::shared_ptr<Lock>> attach(uint64_t handle, const LockRequest& request,
                                       uint32_t board_address_bits);

  /// A share in the memory of a lock that is locked; null once its end has begun.
  std::shared_ptr<void> memory(const Lock& lock);

  /// Notes that `user` has the device work on the lock: WD_TRY_AGAIN for whoever unlocks. Returns
  /// the hold's id. WD_INVALID_HANDLE when the lock has ended or is ending.
  Result<uint64_t> hold(Lock& lock, std::string user);
  /// Does nothing the second time.
  void release(Lock& lock, uint64_t hold);

  /// Notes a use that is over at once: a sync. WD_INVALID_HANDLE when the lock has ended.
  Result<void> use(Lock& lock);

  /// First half of WD_DMAUnlock, does not block: from here on there are no new holds.
  /// WD_TRY_AGAIN while held, WD_OPERATION_ALREADY_DONE the second time.
  Result<void> begin_unlock(Lock& lock);
  /// Second half: the device's access ends unless an attachment still needs it, then residency, then
  /// our share of the memory. Blocks.
  /// Safe to call from several threads; each returns when the lock has ended.
  void finish_unlock(Lock& lock);

  /// The live locks, oldest first. Does not block.
  std::vector<LockRecord> report();

  /// True until the device can no longer reach it.
  bool is_locked(const Lock& lock);

  /// Refuses new locks and ends all there are, held or not. Blocks.
  void shut();

 private:
  Result<std::shared_ptr<Lock>> make(std::shared_ptr<Lock> lock);
  Result<void> map(Lock& lock);
  Result<void> insert(const std::shared_ptr<Lock>& lock);
  Result<void> join(Lock& lock, uint64_t handle);
  void leave(SharedMapping& mapping);
  void end(Lock& lock);

  AddressSpace& space_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool shut_ = false;
  uint64_t last_hold_ = 0;
  std::map<uint64_t, std::shared_ptr<Lock>> live_;
  std::set<uint64_t> ending_;  ///< handles whose end some thread has in hand
};

}  // namespace pinlab
