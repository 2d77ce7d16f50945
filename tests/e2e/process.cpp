#include "tests/e2e/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "tailor/core/file.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& launcher)
    : started_(now()) {
  std::vector<std::string> words = launcher;
  words.push_back(TAILOR_PROGRAM);
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  const fs::path out = streams_ / "out", err = streams_ / "err";
  posix_spawn_file_actions_addopen(&files, 1, out.c_str(), flags, 0644);
  posix_spawn_file_actions_addopen(&files, 2, err.c_str(), flags, 0644);
  const int error = posix_spawnp(&pid_, words[0].c_str(), &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw std::runtime_error("cannot start " + words[0]);
}

Process::~Process() {
  if (reaped_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Process::send(int signal) {
  if (!reaped_) ::kill(pid_, signal);
}

bool Process::ended_within(double seconds) {
  const double until = now() + seconds;
  while (!reaped_) {
    if (::waitpid(pid_, &wait_status_, WNOHANG) == pid_) {
      reaped_ = true;
    } else if (now() >= until) {
      return false;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  return true;
}

bool Process::ended_when_exists(const fs::path& file) {
  while (!fs::exists(file)) {
    if (ended_within(0.001)) return true;
  }
  return false;
}

Finished Process::wait() {
  while (!reaped_) {
    if (::waitpid(pid_, &wait_status_, 0) == pid_) {
      reaped_ = true;
    } else if (errno != EINTR) {
      throw std::runtime_error("lost a child process");
    }
  }
  Finished finished;
  finished.seconds = now() - started_;
  finished.status =
      WIFEXITED(wait_status_) ? WEXITSTATUS(wait_status_) : 128 + WTERMSIG(wait_status_);
  finished.out = read_text(streams_ / "out");
  finished.err = read_text(streams_ / "err");
  return finished;
}

Finished run_tailor(const std::vector<std::string>& arguments,
                    const std::vector<std::string>& launcher) {
  return Process(arguments, launcher).wait();
}

std::size_t line_count(const std::string& text) {
  return std::size_t(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace tailor::internal::e2e
