#include "tailor/nn/arena.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "tailor/core/random/rng.hpp"

namespace tailor::internal {
namespace {

const char* start(const Buffer& b) {
  return static_cast<const char*>(b.data());
}

bool share_bytes(const Buffer& a, const Buffer& b) {
  return start(a) < start(b) + b.bytes() && start(b) < start(a) + a.bytes();
}

TEST(Arena, PutsBuffersThatNeverMeetInTheSamePlace) {
  std::deque<Buffer> chain;  // each is needed with the one before and the one behind it
  Arena arena;
  for (int i = 0; i < 6; ++i) {
    chain.push_back(Buffer::unplaced(1000));
    arena.use(chain.back(), i);
    arena.use(chain.back(), i + 1);
  }
  arena.arrange(1);
  arena.place();
  EXPECT_EQ(arena.bytes(), 2 * 1024u);
  EXPECT_EQ(arena.bytes_apart(), 6 * 1024u);
}

TEST(Arena, KeepsBuffersThatMeetApartAndAligned) {
  for (std::uint32_t round = 0; round < 50; ++round) {
    const Rng rng(1, Purpose::kDraw, round);
    const auto draw = [&](std::size_t i, int below) { return int(rng.uniform(i) * below); };
    std::deque<Buffer> buffers;
    std::vector<std::pair<int, int>> life;
    Arena arena;
    for (std::size_t i = 0; i < 30; ++i) {
      buffers.push_back(Buffer::unplaced(std::size_t(draw(3 * i, 5000))));
      const int first = draw(3 * i + 1, 20);
      life.emplace_back(first, first + draw(3 * i + 2, 8));
      arena.use(buffers.back(), life.back().second);
      arena.use(buffers.back(), life.back().first);
    }
    arena.arrange(1);
    arena.place();
    std::vector<std::size_t> needed(28);
    for (std::size_t i = 0; i < 30; ++i) {
      for (int t = life[i].first; t <= life[i].second; ++t) {
        needed[std::size_t(t)] += (buffers[i].bytes() + 63) / 64 * 64;
      }
      EXPECT_EQ(std::uintptr_t(buffers[i].data()) % 64, 0u);
      for (std::size_t j = 0; j < i; ++j) {
        const bool meet = life[i].first <= life[j].second && life[j].first <= life[i].second;
        EXPECT_FALSE(meet && share_bytes(buffers[i], buffers[j])) << i << " and " << j;
      }
    }
    const std::size_t least = *std::ranges::max_element(needed);
    EXPECT_GE(arena.bytes(), least);
    EXPECT_LE(double(arena.bytes()), 1.3 * double(least));
  }
}

TEST(Arena, SharesAPlaceFromEndToEndWhereThreadsSplitIt) {
  for (const int threads : {1, 2}) {
    Buffer large = Buffer::unplaced(2000);
    Buffer small = Buffer::unplaced(1000);
    Buffer equal = Buffer::unplaced(2000);
    Arena arena;
    arena.use(large, 0);
    arena.use(small, 1);
    arena.use(equal, 2);
    arena.arrange(threads);
    arena.place();
    EXPECT_EQ(large.data(), equal.data());
    EXPECT_EQ(share_bytes(large, small), threads == 1);
  }
}

TEST(Arena, HoldsWhatIsWrittenThroughItsBuffers) {
  Buffer a = Buffer::unplaced(64);
  Buffer b = Buffer::unplaced(64);
  Arena arena;
  arena.use(a, 0);
  arena.use(b, 1);
  arena.arrange(1);
  arena.place();
  a.floats()[0] = 7;
  EXPECT_EQ(b.floats()[0], 7);
  const Buffer copy = a;  // has its own memory
  arena.fill(0);
  EXPECT_EQ(a.floats()[0], 0);
  EXPECT_EQ(copy.floats()[0], 7);
}

}  // namespace
}  // namespace tailor::internal
