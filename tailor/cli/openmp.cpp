// OpenMP's variables say nothing to this program. The convolution library brings OpenMP, whose own
// start reads them: OMP_PROC_BIND=true, usual on clusters, ties the main thread to one core before
// main() runs, and whoever counts cores afterwards finds one. So they are taken out of the
// environment first, by what runs before the start of every shared library.
#include <cstring>

namespace tailor::internal {
namespace {

bool is_openmp(const char* variable) {
  return std::strncmp(variable, "OMP_", 4) == 0 || std::strncmp(variable, "GOMP_", 5) == 0;
}

// The C library has not started either: setenv() and its like are out of reach.
void forget_openmp(int, char**, char** environment) {
  char** kept = environment;
  for (char** variable = environment; *variable != nullptr; ++variable) {
    if (!is_openmp(*variable)) *kept++ = *variable;
  }
  *kept = nullptr;
}

[[gnu::used, gnu::section(".preinit_array")]] void (*const before_all)(int, char**,
                                                                       char**) = forget_openmp;

}  // namespace
}  // namespace tailor::internal
