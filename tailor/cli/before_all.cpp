// What has to be so before the start of every shared library, and of our own constants.
//
// OpenMP's variables say nothing to this program. The convolution library brings OpenMP, whose own
// start reads them: OMP_PROC_BIND=true, usual on clusters, ties the main thread to one core before
// main() runs, and whoever counts cores afterwards finds one. So they are taken out of the
// environment.
//
// An exception that nobody catches, as one of the start can be where memory is short, ends in a
// line and status 1 instead of SIGABRT.
#include <unistd.h>

#include <cstring>
#include <exception>
#include <new>

#include "tailor/cli/last_words.hpp"
#include "tailor/core/descriptor.hpp"

namespace tailor::internal {

int last_words() noexcept {
  std::string_view words = "an error that nobody expected";
  try {
    if (std::current_exception() != nullptr) throw;
  } catch (const std::bad_alloc&) {
    words = kOutOfMemory;
  } catch (...) {
  }
  for (const std::string_view part :
       {std::string_view("tailor: "), words, std::string_view("\n")}) {
    write_all(STDERR_FILENO, part);
  }
  return 1;
}

namespace {

[[noreturn]] void end_in_a_line() {
  _exit(last_words());
}

bool is_openmp(const char* variable) {
  return std::strncmp(variable, "OMP_", 4) == 0 || std::strncmp(variable, "GOMP_", 5) == 0;
}

// The C library has not started either: setenv() and its like are out of reach.
void prepare(int, char**, char** environment) {
  char** kept = environment;
  for (char** variable = environment; *variable != nullptr; ++variable) {
    if (!is_openmp(*variable)) *kept++ = *variable;
  }
  *kept = nullptr;
  std::set_terminate(end_in_a_line);
}

[[gnu::used, gnu::section(".preinit_array")]] void (*const before_all)(int, char**,
                                                                       char**) = prepare;

}  // namespace
}  // namespace tailor::internal
