// What a model of a board holds against its driver: mistakes that hardware would punish in ways
// that are hard to see.
#pragma once

#include <mutex>
#include <string>
#include <vector>

namespace pinlab::simulated {

/// Each text is kept once, in the order in which they first came. Thread-safe; its mutex is an
/// innermost one.
class Complaints {
 public:
  static constexpr size_t kMost = 64;

  void add(const std::string& text) {
    std::lock_guard guard(mutex_);
    if (texts_.size() >= kMost) return;
    for (const std::string& known : texts_) {
      if (known == text) return;
    }
    texts_.push_back(text);
  }

  std::vector<std::string> all() {
    std::lock_guard guard(mutex_);
    return texts_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> texts_;
};

}  // namespace pinlab::simulated
