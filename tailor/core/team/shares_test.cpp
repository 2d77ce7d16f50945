#include "tailor/core/team/shares.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tailor::internal {
namespace {

TEST(Shares, GiveEveryItemOnceWhateverTheCounts) {
  for (const int threads : {1, 2, 3, 64, 70}) {
    for (const int count : {0, 1, 2, 63, 100, 1000}) {
      for (const int chunk : {0, 1, 7, 2000}) {
        Shares shares(count, chunk, threads);
        std::vector<int> times(std::size_t(count), 0);
        bool any = true;
        while (any) {
          any = false;
          for (int t = 0; t < threads; ++t) {
            int first = 0;
            int last = 0;
            if (!shares.take(t, first, last)) continue;
            any = true;
            for (int i = first; i < last; ++i) ++times[std::size_t(i)];
          }
        }
        for (const int n : times) ASSERT_EQ(n, 1) << count << " items, " << threads << " threads";
      }
    }
  }
}

TEST(Shares, GiveAThreadItsOwnPartFirstAndThenTheOthers) {
  Shares shares(8, 2, 2);
  const auto take = [&](int thread) {
    int first = -1;
    int last = -1;
    const bool some = shares.take(thread, first, last);
    return some ? std::pair(first, last) : std::pair(-1, -1);
  };
  EXPECT_EQ(take(1), std::pair(4, 6));
  EXPECT_EQ(take(0), std::pair(0, 2));
  EXPECT_EQ(take(1), std::pair(6, 8));
  EXPECT_EQ(take(1), std::pair(2, 4));
  EXPECT_EQ(take(0), std::pair(-1, -1));
}

}  // namespace
}  // namespace tailor::internal
