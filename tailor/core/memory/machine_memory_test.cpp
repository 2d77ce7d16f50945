#include "tailor/core/memory/machine_memory.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tailor/core/file.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

class MachineMemory : public ::testing::Test {
 protected:
  MachineMemory() {
    fs::create_directories(mount_ / "jobs" / "one");
    fs::create_directories(mount_ / "memory" / "box");
  }

  const OwnFolder mount_;
};

TEST_F(MachineMemory, IsWhatTheTightestControlGroupAllows) {
  constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(memory_of_groups("0::/jobs/one\n", mount_), kAny);
  write_file_atomic(mount_ / "jobs" / "one" / "memory.max", std::string_view("max\n"));
  EXPECT_EQ(memory_of_groups("0::/jobs/one\n", mount_), kAny);
  write_file_atomic(mount_ / "jobs" / "memory.max", std::string_view("700000\n"));
  EXPECT_EQ(memory_of_groups("0::/jobs/one\n", mount_), 700000u);
  write_file_atomic(mount_ / "memory" / "box" / "memory.limit_in_bytes",
                    std::string_view("5000\n"));
  EXPECT_EQ(memory_of_groups("4:memory:/box\n0::/jobs\n", mount_), 5000u);
}

TEST_F(MachineMemory, IsThereAtAll) {
  EXPECT_GT(machine_memory(), std::uint64_t(64) << 20);
}

}  // namespace
}  // namespace tailor::internal
