// One thread's sleep, from which another wakes it.
#pragma once

#include <atomic>
#include <cstdint>

namespace tailor::internal {

class Sleeper {
 public:
  // Sleeps until wake() is called after whatever `ready` looks at has changed; not at all where it
  // holds already. May return early.
  template <typename Ready>
  void sleep_unless(Ready ready) {
    asleep_.store(1);
    if (ready()) {
      asleep_.store(0);
    } else {
      wait();
    }
  }
  // Costs a system call only where somebody sleeps.
  void wake() {
    if (asleep_.load() != 0 && asleep_.exchange(0) != 0) wake_from_wait();
  }

 private:
  void wait();
  void wake_from_wait();
  std::atomic<std::uint32_t> asleep_ = 0;
};

}  // namespace tailor::internal
