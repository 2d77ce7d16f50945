// libFuzzer's entry, for the target that $TAILOR_FUZZ_TARGET names. tools/fuzz builds and runs it.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "fuzz/targets.hpp"

namespace {

tailor::internal::fuzz::Target chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* wanted = std::getenv("TAILOR_FUZZ_TARGET");
  for (const auto& target : tailor::internal::fuzz::targets()) {
    if (wanted != nullptr && target.name == std::string_view(wanted)) chosen = target.run;
  }
  if (chosen != nullptr) return 0;
  std::fputs("TAILOR_FUZZ_TARGET must name a folder of fuzz/corpus\n", stderr);
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  chosen({bytes, size});
  return 0;
}
