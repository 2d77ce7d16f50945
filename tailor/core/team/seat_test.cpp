#include "tailor/core/team/seat.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>
#include <thread>

namespace tailor::internal {
namespace {

cpu_set_t set_of(std::initializer_list<int> cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(core, &set);
  return set;
}

bool may_run_on(std::initializer_list<int> cores) {
  const cpu_set_t wanted = set_of(cores);
  cpu_set_t set{};
  sched_getaffinity(0, sizeof(set), &set);
  return CPU_EQUAL(&set, &wanted);
}

void run_on(std::initializer_list<int> cores) {
  const cpu_set_t set = set_of(cores);
  ASSERT_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
}

// work(one core, another or the same) on a thread of its own.
template <typename Work>
void with_two_cores(Work work) {
  cpu_set_t set{};
  sched_getaffinity(0, sizeof(set), &set);
  int first = 0;
  while (!CPU_ISSET(first, &set)) ++first;
  int second = CPU_SETSIZE - 1;
  while (!CPU_ISSET(second, &set)) --second;
  std::thread(work, first, second).join();
}

// It came to rest on `one` and may run on both.
void rest(Seat& seat, int one, int other) {
  seat.begin();
  run_on({one});
  seat.leave();
  run_on({one, other});
}

TEST(Seat, MovesAWorkerBesideAnotherThreadAndBack) {
  with_two_cores([](int one, int other) {
    Seat seat;
    rest(seat, one, other);
    seat.move(other, true);
    EXPECT_TRUE(may_run_on({other}));
    seat.take();
    EXPECT_TRUE(may_run_on({one, other}));
  });
}

TEST(Seat, MovesAWorkerAwayFromAnotherThread) {
  with_two_cores([](int one, int other) {
    Seat seat;
    rest(seat, one, other);
    seat.move(one, false);
    EXPECT_TRUE(may_run_on({other}));  // where there is one core only it stays
    seat.take();
    EXPECT_TRUE(may_run_on({one, other}));
  });
}

TEST(Seat, LeavesAWorkerThatSitsWell) {
  with_two_cores([](int one, int other) {
    Seat seat;
    run_on({one, other});
    seat.begin();
    seat.move(one, false);  // not before it has been anywhere
    rest(seat, one, other);
    seat.move(one, true);
    EXPECT_TRUE(may_run_on({one, other}));
    if (one != other) seat.move(other, false);
    EXPECT_TRUE(may_run_on({one, other}));
  });
}

TEST(Seat, RespectsCoresGivenMeanwhile) {
  with_two_cores([](int one, int other) {
    Seat seat;
    rest(seat, one, other);
    seat.move(one, false);
    run_on({one});
    seat.take();
    EXPECT_TRUE(may_run_on({one}));
  });
}

TEST(Seat, ForgetsNoCoresWhereItIsMovedTwice) {
  with_two_cores([](int one, int other) {
    Seat seat;
    rest(seat, one, other);
    seat.move(one, false);
    seat.leave();  // somewhere else, not having been at work
    seat.move(other, true);
    seat.move(other, false);
    seat.take();
    EXPECT_TRUE(may_run_on({one, other}));
  });
}

TEST(Seat, LeavesTheParentsWorkerWhereAChildHasIt) {
  with_two_cores([](int one, int other) {
    Seat seat;
    rest(seat, one, other);
    const pid_t child = fork();
    if (child == 0) {
      seat.move(one, false);
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(may_run_on({one, other}));
  });
}

}  // namespace
}  // namespace tailor::internal
