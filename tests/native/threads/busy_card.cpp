// Many threads at once on simulated boards: locks, holds, attachments, register lists, transfers,
// interrupts, resets and faults, and in the midst of all that the boards are closed. Built with
// sanitizers, which say what goes wrong; the program itself only checks what must hold in the end.

#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <mutex>
#include <random>
#include <vector>

#include "../../../native/core/memory_item.h"
#include "../../../native/core/register_list.h"
#include "../../../native/core/residency.h"
#include "board.h"

namespace pinlab::threads {
namespace {

/// Pairs of boards, one after the other, and what each activity does at least before they are closed.
constexpr int kPairs = 3;
constexpr int kRounds = 120;
/// After this the kernel ends a program that hangs.
constexpr unsigned kMostSeconds = 180;
constexpr uint64_t kMostByteLength = 32 << 10;
/// Each pair of channels has so much of the board's memory to itself.
constexpr uint64_t kShareByteLength = 256 << 10;

using Random = std::mt19937;

uint32_t below(Random& random, uint32_t limit) { return static_cast<uint32_t>(random() % limit); }

std::atomic<bool> failed{false};

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "busy card: %s\n", what);
  failed = true;
}

/// One board, and locks of it that all threads use.
struct Lab {
  CountingSink sink;
  std::shared_ptr<Card> card = open_card(sink);
  /// Whether resets and faults on purpose come between.
  bool faulty = false;

  std::shared_ptr<Lock> any_lock(Random& random) {
    std::lock_guard guard(mutex);
    return shared[below(random, shared.size())];
  }
  /// Answers what was in its place.
  std::shared_ptr<Lock> share(std::shared_ptr<Lock> lock, Random& random) {
    std::lock_guard guard(mutex);
    return std::exchange(shared[below(random, shared.size())], std::move(lock));
  }
  bool write(const RegisterAddress& address, uint64_t value) {
    return card->write_register(address, value).ok();
  }

 private:
  std::mutex mutex;
  std::array<std::shared_ptr<Lock>, 6> shared;
};

/// One round of what a thread does again and again.
using Activity = std::function<void(Random&)>;

/// The board goes on and on writing memory that ends with its lock.
void take_away(Lab& lab, Channel& channel, uint64_t place, Random& random) {
  auto target = lock_scatter_gather(*lab.card, heap_memory(kMostByteLength));
  if (!target.ok()) return;
  channel.start(*target.value(), place, true);
  std::this_thread::sleep_for(std::chrono::microseconds(below(random, 500)));
  if (below(random, 2) == 0) channel.stop();
  unlock(*lab.card, *target.value());
  channel.stop();
  channel.wait_until_idle();
}

/// What is written to the board's memory is read back; sometimes memory goes away in mid-transfer.
Activity round_trips(Lab& lab, uint32_t number) {
  auto to_card = std::make_shared<Channel>(*lab.card, true, number);
  auto to_host = std::make_shared<Channel>(*lab.card, false, number);
  return [&lab, to_card, to_host, place = number * kShareByteLength](Random& random) {
    LockTable& locks = lab.card->locks();
    if (below(random, 4) == 0) return take_away(lab, *to_host, place, random);
    const Memory out = heap_memory(1 + below(random, kMostByteLength));
    const Memory in = heap_memory(out.range.byte_length);
    for (uint64_t i = 0; i < out.range.byte_length; ++i) {
      out.range.start[i] = static_cast<std::byte>(i * 7 + place);
    }
    auto source = lock_scatter_gather(*lab.card, out);
    auto target = lock_scatter_gather(*lab.card, in);
    if (!source.ok() || !target.ok()) return;
    auto hold = locks.hold(*source.value(), "h2c");
    expect(!hold.ok() || !unlock(*lab.card, *source.value()), "a lock that is held was unlocked");
    const bool moved = to_card->start(*source.value(), place) && to_card->wait_until_idle() &&
                       to_host->start(*target.value(), place) && to_host->wait_until_idle();
    if (!moved) return;
    if (hold.ok()) locks.release(*source.value(), hold.value());
    expect(lab.faulty || std::memcmp(out.range.start, in.range.start, in.range.byte_length) == 0,
           "a round trip changed the bytes");
    unlock(*lab.card, *source.value());
    unlock(*lab.card, *target.value());
  };
}

/// The ADC streams into a lock and the DAC consumes another, until they are stopped.
Activity streams(Lab& lab) {
  auto dac = std::make_shared<Channel>(*lab.card, true, 2);
  auto adc = std::make_shared<Channel>(*lab.card, false, 2);
  return [&lab, dac, adc](Random& random) {
    auto samples = lock_contiguous(*lab.card, kMostByteLength);
    auto played = lock_contiguous(*lab.card, 1 + below(random, kMostByteLength));
    if (!samples.ok() || !played.ok()) return;
    lab.write(user_register(0x14), below(random, 2) * 1'000'000);
    adc->start(*samples.value(), 0, true);
    dac->start(*played.value(), 0);
    lab.write(user_register(0x10), 1 | below(random, 6) << 8);
    lab.card->read_register(user_register(0x20 + 4 * below(random, 7))).ok();
    dac->wait_until_idle();
    lab.write(user_register(0x10), 0);
    adc->stop();
    adc->wait_until_idle();
    unlock(*lab.card, *samples.value());
    unlock(*lab.card, *played.value());
  };
}

void use(Lab& lab, Lock& lock, Random& random) {
  LockTable& locks = lab.card->locks();
  const uint32_t offset = 8 * below(random, 4);
  if (auto hold = locks.hold(lock, "somebody"); hold.ok()) {
    write_memory(locks, lock, offset, 64, random()).ok();
    read_memory(locks, lock, offset, 32).ok();
    locks.use(lock).ok();
    locks.release(lock, hold.value());
  }
}

/// Makes, uses, attaches to and unlocks locks that other threads have in hand at the same time.
Activity shared_locks(Lab& lab, Lab& other) {
  return [&lab, &other](Random& random) {
    auto made = below(random, 2) == 0
                    ? lock_scatter_gather(*lab.card, heap_memory(4096 + below(random, 8192)))
                    : lock_contiguous(*lab.card, 4096 + below(random, 8192));
    if (!made.ok()) return;
    if (const auto old = lab.share(made.value(), random)) lab.card->locks().finish_unlock(*old);
    if (const auto lock = lab.any_lock(random)) use(lab, *lock, random);
    if (const auto lock = lab.any_lock(random)) unlock(*lab.card, *lock);
    for (Lab* from : {&lab, &other}) {
      const auto lock = from->any_lock(random);
      if (!lock) continue;
      auto attached = lab.card->locks().attach(
          lock->handle, {.kind = LockKind::contiguous, .options = option::get_existing_buf},
          lab.card->address_bits());
      if (!attached.ok()) continue;
      use(lab, *attached.value(), random);
      unlock(*lab.card, *attached.value());
    }
    for (const LockRecord& record : lab.card->locks().report()) {
      expect(record.memory != nullptr, "the report shows a lock without memory");
    }
  };
}

/// Register lists, configuration space, and what a driver asks now and then.
Activity registers(Lab& lab) {
  return [&lab](Random& random) {
    using Kind = RegisterCommand::Kind;
    const uint32_t value = below(random, 32768);
    const std::vector<RegisterCommand> list = {
        {.kind = Kind::write, .address = user_register(0x18), .value = value},
        {.kind = Kind::read, .address = user_register(0x18)},
        {.kind = Kind::mask, .mask = 0xFFFF},
        {.kind = Kind::read_block, .address = user_register(0), .count = 8, .auto_increment = true},
        {.kind = Kind::poll,
         .address = user_register(0x18),
         .value = value,
         .mask = 0xFFFF,
         .timeout = std::chrono::microseconds(200)},
    };
    run_register_list(*lab.card, list, {}, 0).ok();
    lab.card->set_cleanup({{user_register(0x10), 0}, {user_register(0x3C), 0}}).ok();
    lab.card->read_config({4 * below(random, 32), 32}).ok();
    lab.card->complaints();
    lab.card->pending_transactions();
  };
}

/// User interrupts, masks, vectors, and bus mastering off and on again.
Activity interrupts(Lab& lab) {
  return [&lab](Random& random) {
    lab.write(dma_register(0x2080), random());
    lab.write(dma_register(0x20A0), random());
    lab.write(dma_register(0x2008), 0xFFFF);
    lab.write(dma_register(0x2014), 0x3F);
    lab.write(user_register(0x3C), random() & 0xFFFE);
    lab.card->read_register(dma_register(0x2040 + 4 * below(random, 4))).ok();
    lab.card->set_bus_master(false).ok();
    lab.write(user_register(0x3C), 0);
    lab.card->set_bus_master(true).ok();
  };
}

/// Faults on purpose, and the resets that end them.
Activity faults(Lab& lab) {
  return [&lab](Random& random) {
    lab.write(user_register(0x80), 1 + below(random, simulated::kFaultKinds - 1));
    lab.write(user_register(0x84), below(random, 3) | below(random, 2) << 4);
    lab.write(user_register(0x94), 1);
    lab.write(user_register(0x8C), 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(1 + below(random, 4)));
    if (below(random, 2) == 0) lab.card->reset().ok();
    lab.card->restore_link();
    lab.card->set_bus_master(true).ok();
  };
}

/// All of a lab's activities, each on a thread of its own, from here until the board is closed.
class Crowd {
 public:
  Crowd(Lab& lab, Lab& other, uint32_t seed) : lab_(lab) {
    std::vector<Activity> all = {round_trips(lab, 0),      round_trips(lab, 1),
                                 streams(lab),             registers(lab),
                                 shared_locks(lab, other), shared_locks(lab, other),
                                 interrupts(lab)};
    if (lab.faulty) all.push_back(faults(lab));
    rounds_ = std::vector<std::atomic<int>>(all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      threads_.emplace_back([this, i, seed, activity = std::move(all[i])] {
        Random random(seed * 100 + static_cast<uint32_t>(i));
        for (; lab_.card->is_open(); ++rounds_[i]) activity(random);
      });
    }
  }
  ~Crowd() {
    for (std::thread& thread : threads_) thread.join();
  }

  bool has_done(int rounds) const {
    for (const auto& done : rounds_) {
      if (done < rounds) return false;
    }
    return true;
  }

 private:
  Lab& lab_;
  std::vector<std::atomic<int>> rounds_;
  std::vector<std::thread> threads_;
};

void run_pair(uint32_t seed) {
  Lab sound, faulty;
  faulty.faulty = true;
  if (!sound.card || !faulty.card) return expect(false, "a board could not be opened");
  {
    Crowd one(sound, faulty, 2 * seed), two(faulty, sound, 2 * seed + 1);
    while (!one.has_done(kRounds) || !two.has_done(kRounds)) usleep(1000);
    std::thread also([&] { sound.card->close(); });
    faulty.card->quiesce();
    sound.card->close();
    faulty.card->close();
    also.join();
  }
  for (Lab* lab : {&sound, &faulty}) {
    expect(lab->card->locks().report().empty(), "a closed board has locks");
    expect(lab->card->pending_transactions() == 0, "a closed board accesses memory");
    expect(lab->sink.interrupts > 0, "no interrupt has come");
    expect(lab->sink.faults > 0, "no access was refused, so no memory went away in mid-transfer");
  }
}

}  // namespace
}  // namespace pinlab::threads

int main() {
  using namespace pinlab::threads;
  alarm(kMostSeconds);
  const uint64_t before = pinlab::locked_byte_length();
  for (uint32_t seed = 0; seed < kPairs; ++seed) run_pair(seed);
  expect(pinlab::locked_byte_length() == before, "memory stayed locked");
  return failed ? 1 : 0;
}
