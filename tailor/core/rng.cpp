#include "tailor/core/rng.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "tailor/core/error.hpp"

namespace tailor {
namespace {

constexpr int kRounds = 10;
constexpr std::uint32_t kMultiplier0 = 0xd2511f53u;
constexpr std::uint32_t kMultiplier1 = 0xcd9e8d57u;
constexpr std::uint32_t kWeyl0 = 0x9e3779b9u;  // golden ratio
constexpr std::uint32_t kWeyl1 = 0xbb67ae85u;  // sqrt(3) - 1

// [0, 1) with 53 bits.
double unit(std::uint32_t high, std::uint32_t low) {
  return double((std::uint64_t(high) << 32 | low) >> 11) * 0x1.0p-53;
}

constexpr std::uint32_t kIndexBits = 28;
constexpr std::uint32_t kIndexLimit = 1u << kIndexBits;

// The words of items 0, 1, 2, ... of one Rng, one after the other.
class WordStream {
 public:
  explicit WordStream(const Rng& rng) : rng_(rng) {}

  std::uint32_t next() {
    if (used_ == words_.size()) {
      words_ = rng_.words(item_++);
      used_ = 0;
    }
    return words_[used_++];
  }

  // Unbiased in [0, bound), by multiplication and rare rejection (Lemire, "Fast random integer
  // generation in an interval", 2019).
  std::uint32_t below(std::uint32_t bound) {
    const std::uint32_t threshold = (0u - bound) % bound;
    std::uint64_t product = 0;
    do {
      product = std::uint64_t(next()) * bound;
    } while (std::uint32_t(product) < threshold);
    return std::uint32_t(product >> 32);
  }

 private:
  const Rng& rng_;
  std::uint64_t item_ = 0;
  std::array<std::uint32_t, 4> words_{};
  std::size_t used_ = 4;
};

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t key) {
  auto key0 = std::uint32_t(key);
  auto key1 = std::uint32_t(key >> 32);
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t p0 = std::uint64_t(kMultiplier0) * counter[0];
    const std::uint64_t p1 = std::uint64_t(kMultiplier1) * counter[2];
    counter = {std::uint32_t(p1 >> 32) ^ counter[1] ^ key0, std::uint32_t(p1),
               std::uint32_t(p0 >> 32) ^ counter[3] ^ key1, std::uint32_t(p0)};
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return counter;
}

// Item, stream, purpose and index each have bits of their own in the counter, and the seed is the
// key: no two draws share a Philox input.
std::array<std::uint32_t, 4> Rng::words(std::uint64_t item, std::uint32_t index) const {
  if (index >= kIndexLimit) {
    throw bad_input(fmt::format("cannot make random draw number {} of one item: the limit is {}",
                                index, kIndexLimit - 1));
  }
  const std::uint32_t purpose_and_index = std::uint32_t(purpose_) << kIndexBits | index;
  return philox({std::uint32_t(item), std::uint32_t(item >> 32), stream_, purpose_and_index},
                seed_);
}

// Philox on kWide counters at a time, one array per counter word: compilers turn each inner loop
// into vector instructions.
void Rng::fill(std::uint64_t item, std::span<std::uint32_t> out) const {
  constexpr std::size_t kWide = 16;
  if (out.size() / 4 >= kIndexLimit) words(item, kIndexLimit);  // refuses
  for (std::size_t done = 0; done < out.size(); done += 4 * kWide) {
    std::uint32_t c[4][kWide];
    for (std::size_t i = 0; i < kWide; ++i) {
      c[0][i] = std::uint32_t(item);
      c[1][i] = std::uint32_t(item >> 32);
      c[2][i] = stream_;
      c[3][i] = std::uint32_t(purpose_) << kIndexBits | std::uint32_t(done / 4 + i);
    }
    auto key0 = std::uint32_t(seed_);
    auto key1 = std::uint32_t(seed_ >> 32);
    for (int round = 0; round < kRounds; ++round) {
      for (std::size_t i = 0; i < kWide; ++i) {
        const std::uint64_t p0 = std::uint64_t(kMultiplier0) * c[0][i];
        const std::uint64_t p1 = std::uint64_t(kMultiplier1) * c[2][i];
        c[0][i] = std::uint32_t(p1 >> 32) ^ c[1][i] ^ key0;
        c[1][i] = std::uint32_t(p1);
        c[2][i] = std::uint32_t(p0 >> 32) ^ c[3][i] ^ key1;
        c[3][i] = std::uint32_t(p0);
      }
      key0 += kWeyl0;
      key1 += kWeyl1;
    }
    const std::size_t count = std::min(4 * kWide, out.size() - done);
    for (std::size_t i = 0; i < count; ++i) out[done + i] = c[i % 4][i / 4];
  }
}

double Rng::uniform(std::uint64_t item) const {
  const auto w = words(item);
  return unit(w[0], w[1]);
}

double Rng::normal(std::uint64_t item) const {
  const auto w = words(item);
  const double radius = std::sqrt(-2.0 * std::log(1.0 - unit(w[0], w[1])));
  return radius * std::cos(2.0 * std::numbers::pi * unit(w[2], w[3]));
}

std::vector<std::uint32_t> Rng::permutation(std::uint32_t n) const {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  WordStream stream(*this);
  for (std::uint32_t i = n; i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
  return order;
}

}  // namespace tailor
