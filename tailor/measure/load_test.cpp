#include "tailor/measure/load.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace tailor::internal {
namespace {

double seconds_of_children() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return double(usage.ru_utime.tv_sec) + 1e-6 * double(usage.ru_utime.tv_usec);
}

TEST(BusyLoops, AreBusyAndEnd) {
  const double before = seconds_of_children();
  {
    const BusyLoops two(2);
    usleep(200'000);
  }
  EXPECT_GT(seconds_of_children(), before);
  EXPECT_EQ(waitpid(-1, nullptr, 0), -1);
  EXPECT_EQ(errno, ECHILD);  // none is left
}

TEST(UnderLoad, MeasuresNothingOnceStopped) {
  StopFlag stop;
  stop.request();
  int calls = 0;
  const LoadedRate rate = measure_under_load([&] { ++calls; }, 3, 1, 1, 1, stop);
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(rate.share, 0);
}

}  // namespace
}  // namespace tailor::internal
