#include "tailor/core/file.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <iterator>
#include <thread>

#include "tailor/core/error.hpp"
#include "tests/own_folder.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::vector<std::uint8_t> bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

class File : public ::testing::Test {
 protected:
  auto entries() const {
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  }

  const OwnFolder folder;
};

void expect_error(ErrorKind kind, const std::string& part, const std::function<void()>& action) {
  EXPECT_THAT(refusal_of(action, kind), HasSubstr(part));
}

TEST_F(File, ReadsBackWhatWasWritten) {
  const std::string text("a\0b\n", 4);
  write_file_atomic(folder / "x", text);
  EXPECT_EQ(read_text(folder / "x"), text);
  EXPECT_EQ(read_file(folder / "x"), bytes_of(text));
  write_file_atomic(folder / "x", "");
  EXPECT_EQ(read_text(folder / "x"), "");
  EXPECT_EQ(entries(), 1);
}

TEST_F(File, ReadsFilesThatTellNoSize) {
  EXPECT_THAT(read_text("/proc/self/status"), HasSubstr("Pid:"));
}

TEST_F(File, ReadingWhatIsNotAFileIsTheUsersMistake) {
  expect_error(ErrorKind::kBadInput, "No such file", [&] { read_file(folder / "missing"); });
  expect_error(ErrorKind::kBadInput, "not a regular file", [&] { read_file(folder); });
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect_error(ErrorKind::kBadInput, "not a regular file", [&] { read_text(folder / "pipe"); });
  write_file_atomic(folder / "x", "x");
  expect_error(ErrorKind::kBadInput, "Not a directory", [&] { read_text(folder / "x" / "y"); });
}

TEST_F(File, WritingUnderAFileFailsAndNamesIt) {
  write_file_atomic(folder / "x", "old");
  expect_error(ErrorKind::kFailure, "x/y: Not a directory",
               [&] { write_file_atomic(folder / "x" / "y", "new"); });
  EXPECT_EQ(read_text(folder / "x"), "old");
}

TEST_F(File, WritingOverAFolderLeavesNoTemporaryFile) {
  fs::create_directories(folder / "taken" / "inner");
  expect_error(ErrorKind::kFailure, "taken", [&] { write_file_atomic(folder / "taken", "new"); });
  EXPECT_EQ(entries(), 1);
}

TEST_F(File, WritingFollowsLinksToWhereTheyEnd) {
  fs::create_symlink("middle", folder / "link");
  fs::create_symlink("real", folder / "middle");
  write_file_atomic(folder / "link", "made");  // nothing is there yet
  write_file_atomic(folder / "link", "replaced");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_TRUE(fs::is_symlink(folder / "middle"));
  EXPECT_FALSE(fs::is_symlink(folder / "real"));
  EXPECT_EQ(read_text(folder / "real"), "replaced");
  EXPECT_EQ(entries(), 3);
}

TEST_F(File, WritingThroughALinkToItselfFails) {
  fs::create_symlink("circle", folder / "circle");
  expect_error(ErrorKind::kFailure, "circle: Too many levels",
               [&] { write_file_atomic(folder / "circle", "new"); });
  EXPECT_TRUE(fs::is_symlink(folder / "circle"));
  EXPECT_EQ(entries(), 1);
}

TEST_F(File, WritingReplacesNoPipe) {
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  fs::create_symlink("pipe", folder / "link");
  for (const char* name : {"pipe", "link"}) {
    expect_error(ErrorKind::kFailure, "not a regular file",
                 [&] { write_file_atomic(folder / name, "new"); });
  }
  EXPECT_TRUE(fs::is_fifo(folder / "pipe"));
  EXPECT_EQ(entries(), 2);
}

// Runs in a child process, since the limit would bind the whole test program.
void write_over_file_size_limit(const fs::path& path) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {1000, 1000};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  try {
    write_file_atomic(path, std::string(5000, 'n'));
  } catch (const Error& e) {
    const bool right = e.kind() == ErrorKind::kFailure &&
                       std::string(e.what()).find("File too large") != std::string::npos;
    std::_Exit(right ? 0 : 2);
  }
  std::_Exit(1);
}

TEST_F(File, AFullDiskKeepsTheOldBytesAndLeavesNoTemporaryFile) {
  write_file_atomic(folder / "x", "old");
  EXPECT_EXIT(write_over_file_size_limit(folder / "x"), ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(read_text(folder / "x"), "old");
  EXPECT_EQ(entries(), 1);
}

TEST_F(File, ReadersSeeTheOldBytesOrTheNewNeverHalf) {
  const std::string old_text(100000, 'o'), new_text(50000, 'n');
  write_file_atomic(folder / "x", old_text);
  std::jthread writer([&](const std::stop_token& stop) {
    for (bool turn = true; !stop.stop_requested(); turn = !turn) {
      write_file_atomic(folder / "x", turn ? new_text : old_text);
    }
  });
  for (int i = 0; i < 200; ++i) {
    const std::string text = read_text(folder / "x");
    ASSERT_TRUE(text == old_text || text == new_text) << text.size() << " bytes";
  }
}

TEST_F(File, FoldersAreMadeWithTheirParents) {
  make_folder(folder / "a" / "b");
  make_folder(folder / "a" / "b");
  EXPECT_TRUE(fs::is_directory(folder / "a" / "b"));
  write_file_atomic(folder / "x", "x");
  expect_error(ErrorKind::kFailure, "cannot create", [&] { make_folder(folder / "x"); });
  expect_error(ErrorKind::kFailure, "cannot create", [&] { make_folder(folder / "x" / "y"); });
}

TEST_F(File, AnErrorOfTheFileSystemIsNoMistakeOfTheUsers) {
  for (const int code : {ENOENT, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG}) {
    EXPECT_EQ(cannot_read("x", code).kind(), ErrorKind::kBadInput) << code;
  }
  for (const int code : {EIO, EACCES, EPERM, EMFILE, ENFILE, ENOMEM, ESTALE}) {
    EXPECT_EQ(cannot_read("x", code).kind(), ErrorKind::kFailure) << code;
  }
}

TEST_F(File, TellsWhatAPathNames) {
  write_file_atomic(folder / "file", "x");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  fs::create_symlink("file", folder / "link");
  fs::create_symlink("nothing", folder / "dangling");
  fs::create_symlink("circle", folder / "circle");
  EXPECT_EQ(kind_of(folder), PathKind::kFolder);
  EXPECT_EQ(kind_of(folder / "file"), PathKind::kFile);
  EXPECT_EQ(kind_of(folder / "link"), PathKind::kFile);
  EXPECT_EQ(kind_of(folder / "pipe"), PathKind::kOther);
  EXPECT_EQ(kind_of(folder / "dangling"), PathKind::kNothing);
  EXPECT_EQ(kind_of(folder / "file" / "x"), PathKind::kNothing);
  expect_error(ErrorKind::kBadInput, "Too many levels", [&] { kind_of(folder / "circle"); });
  expect_error(ErrorKind::kBadInput, "too long",
               [&] { path_exists(folder / std::string(300, 'x')); });
  EXPECT_TRUE(same_place(folder / "file", folder / "link"));
  EXPECT_FALSE(same_place(folder / "file", folder / "nothing"));
}

TEST_F(File, ListsAFolderInOrderAndRemovesOnlyWhatIsThere) {
  for (const char* name : {"b", "a", "c"}) write_file_atomic(folder / name, name);
  remove_file(folder / "b");
  remove_file(folder / "b");
  EXPECT_EQ(list_folder(folder), (std::vector<fs::path>{"a", "c"}));
  expect_error(ErrorKind::kBadInput, "No such file", [&] { list_folder(folder / "b"); });
  expect_error(ErrorKind::kFailure, "cannot remove", [&] { remove_file(folder); });
}

TEST_F(File, WhatKilledProcessesLeftIsRemovedAndNothingElse) {
  const auto here = std::to_string(::getpid()), parent = std::to_string(::getppid());
  const std::vector<std::string> kept = {
      "x." + parent + ".0.tmp", "x.tmp",        ".999999999.0.tmp",
      "x.999999999.tmp",        "x.-1.0.tmp",   "x.999999999.0",
      "x.999999999.0.tmp.gz",   "x.9999z.0.tmp"};
  for (const std::string& name : kept) write_file_atomic(folder / name, "x");
  write_file_atomic(folder / "x.999999999.0.tmp", "half");
  write_file_atomic(folder / ("x." + here + ".999.tmp"), "of the one that had this number before");
  fs::create_symlink("x.tmp", folder / "l.999999999.0.tmp");
  remove_leftovers(folder);
  EXPECT_EQ(entries(), std::ptrdiff_t(kept.size() + 1));
  EXPECT_TRUE(fs::is_symlink(folder / "l.999999999.0.tmp"));
}

TEST_F(File, WritingAFileRemovesWhatWasLeftOfIt) {
  write_file_atomic(folder / "x.999999999.0.tmp", "half");
  write_file_atomic(folder / "y.999999999.0.tmp", "half");
  write_file_atomic(folder / "x", "whole");
  EXPECT_EQ(list_folder(folder), (std::vector<fs::path>{"x", "y.999999999.0.tmp"}));
}

TEST_F(File, WhetherAFileCanBeWrittenIsSeenWithoutWriting) {
  write_file_atomic(folder / "x", "old");
  check_writable(folder / "x");
  check_writable(folder / "y");
  expect_error(ErrorKind::kFailure, "not a regular file", [&] { check_writable(folder); });
  expect_error(ErrorKind::kFailure, "Not a directory", [&] { check_writable(folder / "x" / "y"); });
  EXPECT_EQ(read_text(folder / "x"), "old");
  EXPECT_EQ(entries(), 1);
}

TEST_F(File, ADescriptorTakesAllOrTellsWhyNot) {
  EXPECT_EQ(write_all(-1, "x"), EBADF);
  const FileDescriptor full(::open("/dev/full", O_WRONLY));
  EXPECT_EQ(write_all(full.get(), "x"), ENOSPC);
  EXPECT_EQ(write_all(full.get(), ""), 0);
}

// FIPS 180-4 examples, and lengths around the padding's edges against coreutils' sha256sum.
TEST(Sha256, GivesTheKnownDigests) {
  EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex(bytes_of("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::vector<std::uint8_t>(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(sha256_hex(std::vector<std::uint8_t>(55, 'a')),
            "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  EXPECT_EQ(sha256_hex(std::vector<std::uint8_t>(56, 'a')),
            "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  EXPECT_EQ(sha256_hex(std::vector<std::uint8_t>(64, 'a')),
            "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
  EXPECT_EQ(sha256_hex(std::vector<std::uint8_t>(119, 'a')),
            "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb");
}

}  // namespace
}  // namespace tailor::internal
