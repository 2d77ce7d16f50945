// numpy.random.default_rng(seed), bit for bit: what scipy's quasi-random sequences are scrambled
// with. Only the draws that this needs. RandomState, which scikit-learn draws from, is another
// generator: numpy_random.hpp.
#pragma once

#include <cstdint>

namespace tailor::internal {

__extension__ typedef unsigned __int128 Uint128;

class NumpyGenerator {
 public:
  explicit NumpyGenerator(std::uint32_t seed);  // PCG64(SeedSequence(seed))

  std::uint64_t next64();
  std::uint32_t next32();  // both halves of a 64-bit word, the low one first

  // Generator.integers(2, dtype=uint32): 0 or 1.
  std::uint32_t bit() { return next32() >> 31; }

 private:
  void step();
  Uint128 state_ = 0;
  Uint128 increment_ = 0;
  std::uint32_t high_half_ = 0;
  bool has_high_half_ = false;
};

}  // namespace tailor::internal
