#include "tailor/core/random/numpy_random.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"

namespace tailor::internal {
namespace {

// std::istream does not read hexadecimal floats.
double read_float(std::istream& in) {
  std::string text;
  in >> text;
  return std::strtod(text.c_str(), nullptr);
}

void expect_same_shuffle(NumpyRandom& random, std::istream& in) {
  std::size_t n = 0;
  in >> n;
  std::vector<int> wanted(n);
  for (int& value : wanted) in >> value;
  std::vector<int> values(n);
  std::iota(values.begin(), values.end(), 0);
  random.shuffle(values);
  EXPECT_EQ(values, wanted);
}

void expect_same_randint(NumpyRandom& random, std::istream& in) {
  std::int64_t low = 0, high = 0, wanted = 0;
  in >> low >> high >> wanted;
  EXPECT_EQ(random.randint(low, high), wanted) << "[" << low << ", " << high << ")";
}

void expect_same_uniform(NumpyRandom& random, std::istream& in) {
  const double low = read_float(in);
  const double high = read_float(in);
  EXPECT_EQ(random.uniform(low, high), read_float(in));
}

TEST(NumpyRandom, DrawsWhatNumpyDraws) {
  std::istringstream golden(read_text(TAILOR_SOURCE_DIR "/tests/golden/numpy_random.txt"));
  NumpyRandom random(0);
  int draws = 0;
  for (std::string line; std::getline(golden, line); ++draws) {
    std::istringstream in(line);
    std::string what;
    in >> what;
    if (what == "seed") {
      std::uint32_t seed = 0;
      in >> seed;
      random = NumpyRandom(seed);
    } else if (what == "randint") {
      expect_same_randint(random, in);
    } else if (what == "random_sample") {
      EXPECT_EQ(random.random_sample(), read_float(in));
    } else if (what == "uniform") {
      expect_same_uniform(random, in);
    } else if (what == "shuffle") {
      expect_same_shuffle(random, in);
    } else {
      FAIL() << "unknown line: " << line;
    }
  }
  EXPECT_EQ(draws, 225);
}

TEST(NumpyRandom, FirstWordsAreThoseOfTheMersenneTwister) {
  NumpyRandom random(5489);  // the reference implementation's default seed
  EXPECT_EQ(random.next32(), 3499211612u);
  for (int i = 2; i < 10000; ++i) random.next32();
  EXPECT_EQ(random.next32(), 4123659995u);  // as the C++ standard demands of mt19937
}

TEST(NumpyRandom, RangeOfOneDrawsNothing) {
  NumpyRandom random(7), untouched(7);
  EXPECT_EQ(random.randint(3, 4), 3);
  EXPECT_EQ(random.next32(), untouched.next32());
}

TEST(NumpyRandom, RefusesAnEmptyRange) {
  NumpyRandom random(7);
  EXPECT_THROW(random.randint(3, 3), Error);
  EXPECT_THROW(random.randint(4, 3), Error);
}

}  // namespace
}  // namespace tailor::internal
