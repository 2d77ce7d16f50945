#include "tailor/core/random/numpy_random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

// MT19937 of Matsumoto and Nishimura, 1998.
constexpr std::size_t kLength = 624;
constexpr std::size_t kShift = 397;

std::uint32_t twist(std::uint32_t high, std::uint32_t low, std::uint32_t far) {
  const std::uint32_t mixed = (high & 0x80000000u) | (low & 0x7fffffffu);
  return far ^ (mixed >> 1) ^ ((mixed & 1u) != 0 ? 0x9908b0dfu : 0u);
}

// The smallest 2^k - 1 that is not below `value`.
std::uint64_t mask_for(std::uint64_t value) {
  return value == 0 ? 0 : std::numeric_limits<std::uint64_t>::max() >> std::countl_zero(value);
}

// Uniform in [0, last]: draws the bits of the mask until they fit. Nothing is drawn for last = 0;
// one word per try while `last` fits 32 bits, two (high word first) beyond.
std::uint64_t masked_rejection(NumpyRandom& random, std::uint64_t last) {
  const std::uint64_t mask = mask_for(last);
  if (last == 0) return 0;
  while (true) {
    std::uint64_t bits = random.next32();
    if (last > 0xffffffffu) bits = (bits << 32) | random.next32();
    if ((bits & mask) <= last) return bits & mask;
  }
}

}  // namespace

NumpyRandom::NumpyRandom(std::uint32_t seed) {
  state_[0] = seed;
  for (std::size_t i = 1; i < kLength; ++i) {
    const std::uint32_t before = state_[i - 1];
    state_[i] = 1812433253u * (before ^ (before >> 30)) + std::uint32_t(i);
  }
}

void NumpyRandom::refill() {
  for (std::size_t i = 0; i < kLength; ++i) {
    state_[i] = twist(state_[i], state_[(i + 1) % kLength], state_[(i + kShift) % kLength]);
  }
  next_ = 0;
}

std::uint32_t NumpyRandom::next32() {
  if (next_ == int(kLength)) refill();
  std::uint32_t y = state_[std::size_t(next_++)];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

double NumpyRandom::random_sample() {
  const std::uint32_t high = next32() >> 5;
  const std::uint32_t low = next32() >> 6;
  return (high * 67108864.0 + low) / 9007199254740992.0;
}

double NumpyRandom::uniform(double low, double high) {
  return low + (high - low) * random_sample();
}

std::int64_t NumpyRandom::randint(std::int64_t low, std::int64_t high) {
  if (low >= high) {
    throw bad_input(
        fmt::format("cannot draw an integer from [{}, {}): the range is empty", low, high));
  }
  const std::uint64_t last = std::uint64_t(high) - std::uint64_t(low) - 1;
  return std::int64_t(std::uint64_t(low) + masked_rejection(*this, last));
}

void NumpyRandom::shuffle(std::span<int> values) {
  for (std::size_t i = values.size(); i-- > 1;) {
    std::swap(values[i], values[std::size_t(masked_rejection(*this, i))]);
  }
}

}  // namespace tailor::internal
