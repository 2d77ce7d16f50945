// numpy.random.RandomState, bit for bit: what scikit-learn draws its candidates and folds from.
// Only the draws that ParameterSampler, StratifiedKFold and scipy's uniform, loguniform and randint
// need.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace tailor::internal {

class NumpyRandom {
 public:
  explicit NumpyRandom(std::uint32_t seed);  // RandomState(seed): MT19937, init_genrand

  std::uint32_t next32();
  double random_sample();                   // [0, 1), 53 bits, as RandomState.random_sample
  double uniform(double low, double high);  // RandomState.uniform
  std::int64_t randint(
      std::int64_t low,
      std::int64_t high);  // [low, high), RandomState.randint (int64, masked rejection)
  void shuffle(std::span<int> values);  // RandomState.shuffle of a one-dimensional array

 private:
  void refill();
  std::array<std::uint32_t, 624> state_;
  int next_ = 624;
};

}  // namespace tailor::internal
