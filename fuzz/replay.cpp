// Runs every input of FOLDER/TARGET/ through its target, as the ordinary build compiles it:
//     tailor_fuzz_replay FOLDER
// Ends with 1 where a target throws anything but an Error, or a target has no input.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include "fuzz/targets.hpp"
#include "tailor/core/file.hpp"

namespace {

namespace fs = std::filesystem;
namespace fuzz = tailor::internal::fuzz;

bool passes(const fuzz::NamedTarget& target, const fs::path& input) {
  try {
    target.run(tailor::internal::read_file(input));
    return true;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", input.c_str(), error.what());
    return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: tailor_fuzz_replay FOLDER\n", stderr);
    return 2;
  }
  bool all_pass = true;
  for (const fuzz::NamedTarget& target : fuzz::targets()) {
    int inputs = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(argv[1]) / target.name)) {
      ++inputs;
      all_pass = passes(target, entry.path()) && all_pass;
    }
    std::printf("%-12s %d inputs\n", std::string(target.name).c_str(), inputs);
    all_pass = all_pass && inputs > 0;
  }
  return all_pass ? 0 : 1;
}
