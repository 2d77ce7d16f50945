#include "tailor/core/team/sleeper.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tailor::internal {

namespace {

// Straight to the system: std::atomic::wait() yields and looks in loops of its own first.
void call_futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) {
  static_assert(sizeof(word) == sizeof(std::uint32_t));
  syscall(SYS_futex, &word, operation | FUTEX_PRIVATE_FLAG, value, nullptr, nullptr, 0);
}

}  // namespace

void Sleeper::wait() {
  while (asleep_.load() != 0) call_futex(asleep_, FUTEX_WAIT, 1);
}

void Sleeper::wake_from_wait() {
  call_futex(asleep_, FUTEX_WAKE, 1);
}

}  // namespace tailor::internal
