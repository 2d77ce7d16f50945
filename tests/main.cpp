// The main() of every test program. A test whose name says that it needs bf16 or VNNI
// (`NeedsBf16`, `NeedsVnni`) does not exist for a CPU without it; where ONEDNN_MAX_CPU_ISA hides
// it, it is left out, and a line says how many were. What the product believes of the CPU is not
// asked: if it were wrong, tests would fail instead of vanish. A program of which nothing is left
// to run exits with 77, ctest's "skipped".
//
//   --left-out                 only prints "NeedsBf16 49" and "NeedsVnni 12"
//   TAILOR_SECOND_RUN=AVX2     this is one more run, as a CPU with AVX2 (SSE41, AVX512_CORE) would
//                              do it: skipped where this CPU has no more than that
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int kSkipped = 77;

// As oneDNN reads it: either variable, in any case.
std::string held_isa() {
  const char* held = std::getenv("ONEDNN_MAX_CPU_ISA");
  if (held == nullptr) held = std::getenv("DNNL_MAX_CPU_ISA");
  std::string isa = held == nullptr ? "ALL" : held;
  for (char& c : isa) c = char(std::toupper(static_cast<unsigned char>(c)));
  return isa;
}

// Whether the instruction set is held below the one called `first`.
bool is_held_below(const std::string& first) {
  const std::string held = held_isa();
  for (const char* isa : {"SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI"}) {
    if (isa == first) return false;
    if (isa == held) return true;
  }
  return false;
}

#if defined(__x86_64__)
const bool kHasAvx512 = __builtin_cpu_supports("avx512f");
const bool kHasBf16 = __builtin_cpu_supports("avx512bf16");
const bool kHasVnni = __builtin_cpu_supports("avx512vnni");
#else
constexpr bool kHasAvx512 = false, kHasBf16 = false, kHasVnni = false;
#endif

struct Need {
  const char* mark;  // in a test's name
  const char* what;
  bool is_met;
};

// Whether running as a CPU with no more than `isa` would is another run here.
bool differs_from(const std::string& isa) {
  if (isa == "AVX512_CORE") return kHasAvx512 && (kHasBf16 || kHasVnni);
  return isa == "AVX2" ? kHasAvx512 : true;
}

int count(const char* mark) {
  const testing::UnitTest& tests = *testing::UnitTest::GetInstance();
  int found = 0;
  for (int s = 0; s < tests.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *tests.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const std::string name = std::string(suite.name()) + "." + suite.GetTestInfo(t)->name();
      found += name.find(mark) != std::string::npos;
    }
  }
  return found;
}

void leave_out(const std::string& mark) {
  std::string filter = GTEST_FLAG_GET(filter);
  filter += filter.find('-') == std::string::npos ? "-" : ":";
  GTEST_FLAG_SET(filter, filter + "*" + mark + "*");
}

int run(const char* second_run) {
  if (second_run != nullptr && !differs_from(second_run)) {
    std::printf("This CPU has no more than %s: nothing is run a second time.\n", second_run);
    return kSkipped;
  }
  const int status = RUN_ALL_TESTS();
  const bool nothing = testing::UnitTest::GetInstance()->test_to_run_count() == 0;
  return status == 0 && nothing && !GTEST_FLAG_GET(list_tests) ? kSkipped : status;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  const bool only_counts = argc == 2 && std::strcmp(argv[1], "--left-out") == 0;
  // ctest keeps its list of tests, which so must not depend on a variable of the moment.
  const bool held = !GTEST_FLAG_GET(list_tests);
  const Need needs[] = {
      {"NeedsBf16", "AVX-512 with bf16", kHasBf16 && !(held && is_held_below("AVX512_CORE_BF16"))},
      {"NeedsVnni", "AVX-512 with VNNI", kHasVnni && !(held && is_held_below("AVX512_CORE_VNNI"))},
  };
  for (const Need& need : needs) {
    if (need.is_met) continue;
    const int tests = count(need.mark);
    if (only_counts) std::printf("%s %d\n", need.mark, tests);
    if (tests == 0) continue;
    leave_out(need.mark);
    if (only_counts || GTEST_FLAG_GET(list_tests)) continue;
    std::printf("Of %d test%s none runs here: this CPU has no %s.\n", tests, tests == 1 ? "" : "s",
                need.what);
  }
  return only_counts ? 0 : run(std::getenv("TAILOR_SECOND_RUN"));
}
