#include "tailor/core/team/cores.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>
#include <thread>

#include "tests/own_folder.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

class CpuQuota : public testing::Test {
 protected:
  void write(const std::string& file, const std::string& text) {
    fs::create_directories((mount_ / file).parent_path());
    std::ofstream(mount_ / file) << text;
  }
  std::optional<double> of(const std::string& membership) { return cpu_quota(membership, mount_); }

  const OwnFolder mount_;
};

TEST_F(CpuQuota, IsNoneWhereNobodySetOne) {
  EXPECT_EQ(of("0::/\n"), std::nullopt);
  write("cpu.max", "max 100000\n");
  EXPECT_EQ(of("0::/\n"), std::nullopt);
  EXPECT_EQ(of(""), std::nullopt);
  EXPECT_EQ(of("nonsense\n:\n::\n"), std::nullopt);
}

TEST_F(CpuQuota, IsTheTightestOfAllGroupsAbove) {
  write("cpu.max", "max 100000\n");
  write("system.slice/cpu.max", "150000 100000\n");
  write("system.slice/job/cpu.max", "800000 100000\n");
  EXPECT_EQ(of("0::/system.slice/job\n"), 1.5);
  EXPECT_EQ(of("0::/system.slice\n"), 1.5);
  EXPECT_EQ(of("0::/elsewhere\n"), std::nullopt);
}

TEST_F(CpuQuota, IsThatOfTheMountWhereAContainerSeesNoOther) {
  write("cpu.max", "50000 100000\n");
  EXPECT_EQ(of("0::/\n"), 0.5);
  EXPECT_EQ(of("0::/../../host/path\n"), 0.5);
}

TEST_F(CpuQuota, OfVersion1IsReadAsWell) {
  write("cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "250000\n");
  write("cpu,cpuacct/docker/abc/cpu.cfs_period_us", "100000\n");
  write("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  write("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(of("9:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n"), 2.5);
  EXPECT_EQ(of("4:cpuset:/docker/abc\n"), std::nullopt);
}

TEST(UsableCores, AreThoseOfTheThreadsAffinity) {
  int cores = 0;
  std::thread([&] {  // whose affinity goes with it
    cpu_set_t set;
    ASSERT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
    int first = 0;
    while (!CPU_ISSET(first, &set)) ++first;
    CPU_ZERO(&set);
    CPU_SET(first, &set);
    ASSERT_EQ(sched_setaffinity(0, sizeof set, &set), 0);
    cores = usable_cores();
  })
      .join();
  EXPECT_EQ(cores, 1);
  EXPECT_GE(usable_cores(), 1);
}

}  // namespace
}  // namespace tailor::internal
