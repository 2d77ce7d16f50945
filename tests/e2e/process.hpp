// Running the built program as a person would: its own process, its exit status, what it said.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/own_folder.hpp"

namespace tailor::internal::e2e {

struct Finished {
  int status = 0;  // exit status; 128 + n where signal n ended it
  std::string out;
  std::string err;
  double seconds = 0;
};

// A started `tailor` with these arguments, behind the words of a launcher. Ends it with SIGKILL
// where it is destroyed unfinished.
class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& launcher = {});
  ~Process();
  Process(const Process&) = delete;

  pid_t id() const { return pid_; }
  void send(int signal);
  Finished wait();

  // Waits at most so long; true if it ended by itself.
  bool ended_within(double seconds);

  // Waits until this file is there; true if the process ended before.
  bool ended_when_exists(const std::filesystem::path& file);

 private:
  pid_t pid_ = -1;
  bool reaped_ = false;
  int wait_status_ = 0;
  double started_ = 0;
  const OwnFolder streams_;
};

Finished run_tailor(const std::vector<std::string>& arguments,
                    const std::vector<std::string>& launcher = {});

std::size_t line_count(const std::string& text);

}  // namespace tailor::internal::e2e
