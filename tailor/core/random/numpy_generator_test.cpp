#include "tailor/core/random/numpy_generator.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tailor/core/file.hpp"

namespace tailor::internal {
namespace {

std::string bits(NumpyGenerator& random, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += random.bit() == 1 ? '1' : '0';
  return text;
}

TEST(NumpyGenerator, DrawsWhatNumpyDraws) {
  std::istringstream golden(read_text(TAILOR_SOURCE_DIR "/tests/golden/numpy_generator.txt"));
  NumpyGenerator random(0);
  int draws = 0;
  for (std::string what, value; golden >> what >> value; ++draws) {
    if (what == "seed") {
      random = NumpyGenerator(std::uint32_t(std::stoull(value)));
    } else if (what == "raw") {
      EXPECT_EQ(std::to_string(random.next64()), value);
    } else {
      EXPECT_EQ(bits(random, value.size()), value);
    }
  }
  EXPECT_EQ(draws, 25);
}

}  // namespace
}  // namespace tailor::internal
