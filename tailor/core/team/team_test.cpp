#include "tailor/core/team/team.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <latch>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>

namespace tailor::internal {
namespace {

// How often each of `count` items was worked on.
std::vector<int> times_worked(Team& team, int count, int chunk) {
  std::vector<int> times(std::size_t(count), 0);
  team.share_out(count, chunk, [&](int first, int last, int worker) {
    EXPECT_GE(worker, 0);
    EXPECT_LT(worker, team.threads());
    for (int i = first; i < last; ++i) ++times[std::size_t(i)];
  });
  return times;
}

TEST(Team, WorksOnEveryItemOnce) {
  for (const int threads : {1, 2, 3, 16}) {
    Team team(threads);
    for (int round = 0; round < 50; ++round) {
      for (const int count : {0, 1, 2, 17, 1000}) {
        for (const int chunk : {0, 1, 7, 5000}) {
          ASSERT_EQ(times_worked(team, count, chunk), std::vector<int>(std::size_t(count), 1))
              << count << " items by " << threads << " threads, " << chunk << " at a time";
        }
      }
    }
  }
}

TEST(Team, SeesWhatWasWrittenBeforeAndShowsWhatItWrote) {
  Team team(3);
  std::vector<long> values(3000, 0);
  for (long round = 1; round <= 2000; ++round) {
    team.share_out_each(int(values.size()), [&](int i, int) { values[std::size_t(i)] += round; });
    ASSERT_EQ(values[std::size_t(round)], round * (round + 1) / 2);
  }
  EXPECT_EQ(values, std::vector<long>(3000, 2000 * 2001 / 2));
}

TEST(Team, IsAllOfItsThreadsWhereTheyComeInTime) {
  Team team(3);
  std::latch all(3);
  std::set<int> workers;
  std::mutex mutex;
  team.share_out(3, 1, [&](int, int, int worker) {
    all.arrive_and_wait();
    const std::lock_guard lock(mutex);
    workers.insert(worker);
  });
  EXPECT_EQ(workers, (std::set<int>{0, 1, 2}));
}

TEST(Team, NamesItsThreadsAndPreparesThem) {
  static std::atomic<int> prepared;
  prepared = 0;
  Team team(2, [] { ++prepared; });
  EXPECT_EQ(prepared, 0);  // not before they are wanted
  std::latch both(2);
  std::string name;
  team.share_out(2, 1, [&](int, int, int worker) {
    both.arrive_and_wait();
    if (worker == 0) return;
    char text[16];
    pthread_getname_np(pthread_self(), text, sizeof text);
    name = text;
  });
  EXPECT_EQ(name, "tailor-1");
  EXPECT_EQ(prepared, 1);
}

TEST(Team, LetsOutWhatAnyThreadThrowsAndGoesOn) {
  Team team(3);
  for (int round = 0; round < 200; ++round) {
    for (const int guilty : {0, 50, 99}) {
      EXPECT_THROW(team.share_out_each(100,
                                       [&](int i, int) {
                                         if (i == guilty) throw std::runtime_error("no");
                                       }),
                   std::runtime_error);
    }
    ASSERT_EQ(times_worked(team, 20, 1), std::vector<int>(20, 1));
  }
}

TEST(Team, DoesWorkWithinItsWorkOnTheThreadThatAsks) {
  Team team(3);
  Team other(2);
  std::vector<int> sums(30, 0);
  team.share_out_each(30, [&](int i, int worker) {
    team.share_out_each(10, [&](int, int inner) {
      EXPECT_EQ(inner, worker);
      ++sums[std::size_t(i)];
    });
    if (worker != 0) return;  // one thread at a time asks a team
    other.share_out_each(4, [&](int, int) {});
    team.share_out_each(1, [&](int, int inner) { EXPECT_EQ(inner, worker); });
  });
  EXPECT_EQ(sums, std::vector<int>(30, 10));
}

TEST(Team, WorksBesideOtherTeams) {
  std::vector<std::thread> askers;
  std::atomic<long> sum = 0;
  for (int a = 0; a < 4; ++a) {
    askers.emplace_back([&] {
      Team team(2);
      for (int round = 0; round < 300; ++round) {
        team.share_out_each(20, [&](int i, int) { sum += i; });
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(sum, 4L * 300 * 190);
}

TEST(Team, MayBeAskedByOneThreadAfterTheOther) {
  Team team(2);
  for (int round = 0; round < 20; ++round) {
    std::thread([&] { EXPECT_EQ(times_worked(team, 100, 1), std::vector<int>(100, 1)); }).join();
    EXPECT_EQ(times_worked(team, 100, 1), std::vector<int>(100, 1));
  }
}

#if !defined(__SANITIZE_THREAD__)  // which does not follow a fork of several threads

TEST(Team, WorksAloneInAChildOfFork) {
  Team team(3);
  ASSERT_EQ(times_worked(team, 100, 1), std::vector<int>(100, 1));
  const pid_t child = fork();
  if (child == 0) _exit(times_worked(team, 100, 1) == std::vector<int>(100, 1) ? 0 : 1);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// In a child of its own, whose limit it is. Root has no such limit, so it becomes somebody else.
TEST(Team, WorksWithTheThreadsThatTheSystemLetsItHave) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_NPROC, &none) != 0) _exit(2);
    if (getuid() == 0 && setuid(65534) != 0) _exit(3);
    Team team(4);
    _exit(times_worked(team, 100, 1) == std::vector<int>(100, 1) ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

#endif

// What the kernel tells of one of this process's threads: R, S, ...
char state_of_thread(const std::string& name) {
  for (pid_t id = getpid(); id < getpid() + 10'000; ++id) {
    const std::string folder = "/proc/self/task/" + std::to_string(id);
    std::ifstream comm(folder + "/comm");
    std::string its_name;
    if (!std::getline(comm, its_name) || its_name != name) continue;
    std::ifstream stat(folder + "/stat");
    std::string text;
    std::getline(stat, text);
    return text[text.rfind(')') + 2];
  }
  return '?';
}

TEST(Team, SleepsWhileThereIsNothingToDo) {
  Team team(2);
  std::latch both(2);
  team.share_out(2, 1, [&](int, int, int) { both.arrive_and_wait(); });
  char state = 'R';
  for (int i = 0; i < 2000 && state != 'S'; ++i) {
    usleep(1000);
    state = state_of_thread("tailor-1");
  }
  EXPECT_EQ(state, 'S');
  rusage before{};
  rusage after{};
  getrusage(RUSAGE_SELF, &before);
  usleep(50'000);
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LE(after.ru_nvcsw - before.ru_nvcsw, 20);  // nobody wakes up to look
}

TEST(Team, TellsAWorkerItsNumberWhereverItAsks) {
  Team team(3);
  EXPECT_EQ(team.worker(), 0);
  team.share_out(100, 1, [&](int, int, int worker) {
    EXPECT_EQ(team.worker(), worker);
    team.share_out(2, 1, [&](int, int, int inside) { EXPECT_EQ(inside, worker); });
  });
  EXPECT_EQ(team.worker(), 0);
}

}  // namespace
}  // namespace tailor::internal
