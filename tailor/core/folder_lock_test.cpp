#include "tailor/core/folder_lock.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "tailor/core/error.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

class FolderLockTest : public ::testing::Test {
 protected:
  // The exit status of a child process that tries to lock the folder: 0 where it could, 42 where it
  // was told that another tailor works there.
  int locked_by_a_child() const {
    const pid_t child = fork();
    if (child == 0) {
      try {
        const FolderLock lock(folder_);
        _exit(0);
      } catch (const Error& error) {
        const std::string wanted = "another tailor is working in " + folder_.string() +
                                   "; wait for it or choose another --out";
        _exit(error.kind() == ErrorKind::kBadInput && error.what() == wanted ? 42 : 1);
      }
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  }

  const OwnFolder folder_;
};

TEST_F(FolderLockTest, OnlyOneProcessWorksInAFolder) {
  {
    const FolderLock lock(folder_);
    EXPECT_TRUE(fs::exists(folder_ / "study.db.lock"));
    EXPECT_EQ(locked_by_a_child(), 42);
  }
  EXPECT_EQ(locked_by_a_child(), 0);
}

TEST_F(FolderLockTest, IsHeldOnceHoweverOftenItMoves) {
  std::optional<FolderLock> holder;
  {
    FolderLock lock(folder_);
    holder = std::move(lock);
  }
  EXPECT_EQ(locked_by_a_child(), 42);
  holder.reset();
  EXPECT_EQ(locked_by_a_child(), 0);
}

TEST_F(FolderLockTest, AProcessThatWasKilledHoldsNothing) {
  const pid_t child = fork();
  if (child == 0) {
    const FolderLock lock(folder_);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_NO_THROW(FolderLock{folder_});
}

TEST_F(FolderLockTest, AFolderThatCannotBeWrittenIsAFailure) {
  for (const fs::path& folder : {folder_ / "none", fs::path("/proc")}) {
    try {
      const FolderLock lock(folder);
      FAIL() << "must throw";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kFailure);
    }
  }
}

}  // namespace
}  // namespace tailor::internal
