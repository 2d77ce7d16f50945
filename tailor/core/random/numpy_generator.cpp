#include "tailor/core/random/numpy_generator.hpp"

#include <array>
#include <bit>
#include <cstddef>

namespace tailor::internal {
namespace {

constexpr std::size_t kPool = 4;

// The hash of M. E. O'Neill's seed_seq_fe: every call takes the next of a series of constants.
class Hash {
 public:
  Hash(std::uint32_t start, std::uint32_t factor) : constant_(start), factor_(factor) {}

  std::uint32_t operator()(std::uint32_t value) {
    value ^= constant_;
    constant_ *= factor_;
    value *= constant_;
    return value ^ (value >> 16);
  }

 private:
  std::uint32_t constant_;
  std::uint32_t factor_;
};

std::uint32_t mix(std::uint32_t a, std::uint32_t b) {
  const std::uint32_t mixed = 0xca01f9ddu * a - 0x4973f715u * b;
  return mixed ^ (mixed >> 16);
}

// numpy.random.SeedSequence(seed).generate_state(8).
std::array<std::uint32_t, 8> seed_words(std::uint32_t seed) {
  std::array<std::uint32_t, kPool> pool{seed};
  Hash into(0x43b0d7e5u, 0x931e8875u);
  for (std::uint32_t& word : pool) word = into(word);
  for (std::size_t from = 0; from < kPool; ++from) {
    for (std::size_t to = 0; to < kPool; ++to) {
      if (from != to) pool[to] = mix(pool[to], into(pool[from]));
    }
  }
  std::array<std::uint32_t, 8> words;
  Hash out_of(0x8b51f9ddu, 0x58f38dedu);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = out_of(pool[i % kPool]);
  return words;
}

Uint128 joined(std::uint64_t high, std::uint64_t low) {
  return Uint128(high) << 64 | low;
}

// numpy takes the words as two numbers of 128 bits, the higher half of each first.
Uint128 number_at(const std::array<std::uint32_t, 8>& words, std::size_t first) {
  const auto pair = [&](std::size_t i) { return std::uint64_t(words[i + 1]) << 32 | words[i]; };
  return joined(pair(first), pair(first + 2));
}

}  // namespace

NumpyGenerator::NumpyGenerator(std::uint32_t seed) {
  const std::array<std::uint32_t, 8> words = seed_words(seed);
  increment_ = number_at(words, 4) << 1 | 1;
  step();
  state_ += number_at(words, 0);
  step();
}

void NumpyGenerator::step() {
  constexpr std::uint64_t kHigh = 2549297995355413924u;
  constexpr std::uint64_t kLow = 4865540595714422341u;
  state_ = state_ * joined(kHigh, kLow) + increment_;
}

std::uint64_t NumpyGenerator::next64() {
  step();
  const auto folded = std::uint64_t(state_ >> 64) ^ std::uint64_t(state_);
  return std::rotr(folded, int(state_ >> 122));
}

std::uint32_t NumpyGenerator::next32() {
  if (has_high_half_) {
    has_high_half_ = false;
    return high_half_;
  }
  const std::uint64_t word = next64();
  high_half_ = std::uint32_t(word >> 32);
  has_high_half_ = true;
  return std::uint32_t(word);
}

}  // namespace tailor::internal
