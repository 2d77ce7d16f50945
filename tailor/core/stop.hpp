// A wish to stop, passed to everything that runs long. main's signal handler sets it; trainers look
// after every step.
#pragma once

#include <atomic>

namespace tailor {

class StopFlag {
 public:
  void request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};
};

}  // namespace tailor
