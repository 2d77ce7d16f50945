#include "tailor/formats/npy.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

std::string text_of(const std::vector<std::uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

// numpy.save writes the same bytes.
TEST(Npy, WritesTheBytesNumpyWrites) {
  const std::vector<float> values = {1, -2, 0.5f, 3, 4, 5};
  const std::string text = text_of(encode_npy(values, {2, 3}));
  std::string expected("\x93NUMPY\x01\x00\x76\x00", 10);
  expected += "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  expected.resize(127, ' ');
  expected += '\n';
  expected.append(reinterpret_cast<const char*>(values.data()), 24);
  EXPECT_EQ(text, expected);
}

TEST(Npy, KnowsTheTupleOfOneAndOfNone) {
  const std::vector<std::uint32_t> three = {1, 2, 4'000'000'000u};
  const std::string text = text_of(encode_npy(three, {3}));
  EXPECT_NE(text.find("'descr': '<u4', 'fortran_order': False, 'shape': (3,), }"), text.npos);
  EXPECT_EQ(text.size(), 128u + 12);
  EXPECT_EQ(text.substr(128 + 8), std::string("\x00\x28\x6b\xee", 4));
  const std::vector<float> one = {7};
  EXPECT_NE(text_of(encode_npy(one, {})).find("'shape': ()"), text.npos);
}

TEST(Npy, DataStaysAlignedUnderAnyHeader) {
  for (std::size_t dimensions = 1; dimensions < 40; ++dimensions) {
    const std::vector<float> values = {7};
    EXPECT_EQ(encode_npy(values, std::vector<std::size_t>(dimensions, 1)).size() % 64, 4u);
  }
}

TEST(Npy, RefusesAShapeThatIsNotTheValues) {
  const std::vector<float> values(6);
  EXPECT_THROW(encode_npy(values, {2, 4}), Error);
}

}  // namespace
}  // namespace tailor::internal
