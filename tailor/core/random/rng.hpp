// Randomness as a function, not a sequence: every draw is Philox4x32-10 (Salmon et al., "Parallel
// random numbers: as easy as 1, 2, 3", SC 2011) of (seed, purpose, epoch, index). Whoever draws
// first, on however many threads, gets the same.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace tailor::internal {

enum class Purpose : std::uint32_t {
  kInit = 1,
  kShuffle = 2,
  kDropout = 3,
  kAugment = 4,
  kDraw = 5
};

// Four independent 32-bit words for a 128-bit counter under a 64-bit key.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t key);

// A keyed stream: pure, copyable, shared freely between threads.
class Rng {
 public:
  Rng(std::uint64_t seed, Purpose purpose, std::uint32_t stream = 0)
      : seed_(seed), purpose_(purpose), stream_(stream) {}

  // Four words for draw number `index` < 2^28 of item `item` (for example block 7 of sample 1234).
  // Draws that differ in seed, purpose, stream, item or index differ in Philox input: nothing is
  // ever used twice. Throws bad_input for a larger index.
  std::array<std::uint32_t, 4> words(std::uint64_t item, std::uint32_t index = 0) const;

  // The words of index 0, 1, 2, ... of one item, one after the other: equal to words(), several
  // times faster.
  void fill(std::uint64_t item, std::span<std::uint32_t> out) const;

  double uniform(std::uint64_t item) const;  // [0, 1), 53 bits
  double normal(std::uint64_t item) const;   // mean 0, deviation 1 (Box-Muller)

  // A permutation of 0..n-1 (Fisher-Yates) made from the words of items 0, 1, 2, ...: don't also
  // draw uniform or normal from the same Rng.
  std::vector<std::uint32_t> permutation(std::uint32_t n) const;

 private:
  std::uint64_t seed_;
  Purpose purpose_;
  std::uint32_t stream_;  // usually the epoch, or the tensor's number
};

}  // namespace tailor::internal
