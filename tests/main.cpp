// The main() of every test program. A test whose name says that it needs bf16 or VNNI
// (`NeedsBf16`, `NeedsVnni`) does not exist for a CPU without, nor where ONEDNN_MAX_CPU_ISA hides
// them: one line says how many were left out. What the product believes of the CPU is not asked: if
// it were wrong, tests would fail instead of vanish.
//
//   --left-out    only prints "NeedsBf16 49" and "NeedsVnni 12"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

// oneDNN's names of instruction sets: whether the one it is held to contains what came with
// `first`.
bool is_held_below(const std::string& first) {
  const char* held = std::getenv("ONEDNN_MAX_CPU_ISA");
  if (held == nullptr || std::strcmp(held, "ALL") == 0 || std::strcmp(held, "DEFAULT") == 0) {
    return false;
  }
  for (const char* isa : {"SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI"}) {
    if (isa == first) return false;
    if (std::strcmp(held, isa) == 0) return true;
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

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  const Need needs[] = {
      {"NeedsBf16", "AVX-512 with bf16", kHasBf16 && !is_held_below("AVX512_CORE_BF16")},
      {"NeedsVnni", "AVX-512 with VNNI", kHasVnni && !is_held_below("AVX512_CORE_VNNI")},
  };
  const bool only_counts = argc == 2 && std::strcmp(argv[1], "--left-out") == 0;
  // A program that runs a second time as an AVX2 machine has nothing to do on one.
  const char* held = std::getenv("ONEDNN_MAX_CPU_ISA");
  if (!only_counts && held != nullptr && std::strcmp(held, "AVX2") == 0 && !kHasAvx512) {
    std::puts("This CPU has no more than AVX2: nothing is run a second time.");
    return 77;
  }
  for (const Need& need : needs) {
    if (need.is_met) continue;
    const int tests = count(need.mark);
    if (only_counts) std::printf("%s %d\n", need.mark, tests);
    if (tests == 0) continue;
    leave_out(need.mark);
    if (!only_counts && !GTEST_FLAG_GET(list_tests)) {
      std::printf("%d test%s left out: this CPU has no %s.\n", tests, tests == 1 ? "" : "s",
                  need.what);
    }
  }
  return only_counts ? 0 : RUN_ALL_TESTS();
}
