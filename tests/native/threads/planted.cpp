// Mistakes on purpose, one for each sanitizer, made with the same objects as everything else. Whoever
// runs this expects a report; none means that the sanitizer is not in force. Argument: the mistake.

#include <climits>
#include <cstdio>
#include <map>
#include <string>

#include "board.h"

namespace pinlab::threads {
namespace {

/// The board reads all that the lock covers, which is more than the memory has: found in the engine.
void overrun(Card& card) {
  Memory memory = heap_memory(1000);
  memory.range.byte_length = 1001;
  const auto lock = lock_scatter_gather(card, memory);
  Channel channel(card, true, 0);
  channel.start(*lock.value(), 0);
  channel.wait_until_idle();
}

/// The lock was the last that kept the memory.
void use_after_unlock(Card& card) {
  const auto lock = lock_scatter_gather(card, heap_memory(1000));
  const HostRange range = lock.value()->range;
  unlock(card, *lock.value());
  std::printf("%d\n", static_cast<int>(range.start[500]));
}

/// Written while the board reads it, without a wait for the transfer's end: found in the engine.
void data_race(Card& card) {
  const auto lock = lock_scatter_gather(card, heap_memory(1000));
  Channel channel(card, true, 0);
  channel.start(*lock.value(), 0, true);
  for (int i = 0; i < 1000; ++i) {
    lock.value()->range.start[i] = std::byte{1};
    std::this_thread::sleep_for(std::chrono::microseconds(10));
  }
  channel.stop();
  channel.wait_until_idle();
}

void signed_overflow(Card& card) {
  volatile int bits = INT_MAX;
  bits = bits + static_cast<int>(card.address_bits());
}

/// A share in a lock that nobody gives back.
void leak(Card& card) {
  auto lock = lock_scatter_gather(card, heap_memory(1000));
  new std::shared_ptr<Lock>(lock.value());
}

}  // namespace
}  // namespace pinlab::threads

int main(int count, char** arguments) {
  using namespace pinlab::threads;
  const std::map<std::string, void (*)(pinlab::Card&)> mistakes = {
      {"overrun", overrun},   {"use-after-unlock", use_after_unlock},
      {"data-race", data_race}, {"signed-overflow", signed_overflow},
      {"leak", leak},
  };
  const auto mistake = mistakes.find(count == 2 ? arguments[1] : "");
  if (mistake == mistakes.end()) return 2;
  CountingSink sink;
  const auto card = open_card(sink);
  card->set_bus_master(true).ok();
  mistake->second(*card);
}
