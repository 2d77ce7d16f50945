#include "tailor/data/augment/transforms.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "tailor/core/csv_reader.hpp"
#include "tailor/core/file.hpp"

namespace tailor::internal {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes noise(std::uint32_t seed, const Shape& shape) {
  Bytes bytes(shape.size());
  for (std::uint8_t& byte : bytes) {
    seed = 1664525 * seed + 1013904223;
    byte = std::uint8_t(seed >> 24);
  }
  return bytes;
}

Bytes bytes_of(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(std::uint8_t(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// One row of the golden file.
struct Case {
  std::string transform;
  Shape shape;
  std::uint32_t seed = 0;
  std::vector<std::string> arguments;
  Bytes pixels;

  double number(std::size_t i) const { return std::stod(arguments.at(i)); }
  int whole(std::size_t i) const { return std::stoi(arguments.at(i)); }
  Rectangle rectangle() const { return {whole(0), whole(1), whole(2), whole(3)}; }
};

Case case_of(const std::vector<std::string_view>& cells) {
  Case out;
  out.transform = cells[0];
  std::string size(cells[1]);
  std::ranges::replace(size, 'x', ' ');
  std::istringstream(size) >> out.shape.height >> out.shape.width >> out.shape.channels;
  out.seed = std::uint32_t(std::stoul(std::string(cells[2])));
  std::istringstream words{std::string(cells[3])};
  for (std::string word; words >> word;) out.arguments.push_back(word);
  out.pixels = bytes_of(cells[4]);
  return out;
}

Bytes transformed(const Case& c) {
  const Bytes in = noise(c.seed, c.shape), other = noise(c.seed + 1000, c.shape);
  Bytes out = in;
  if (c.transform == "mirror") mirror(c.shape, in, out);
  if (c.transform == "shift") {
    shift(c.shape, in, c.whole(0), c.whole(1), fill_of(c.arguments.at(2)), out);
  }
  if (c.transform == "crop") crop_and_resize(c.shape, in, c.rectangle(), out);
  if (c.transform == "affine") {
    turn_and_zoom(c.shape, in, c.number(0), c.number(1), Fill::kZero, out);
  }
  if (c.transform == "blank") blank(c.shape, c.rectangle(), out);
  if (c.transform == "brightness") adjust_brightness(c.number(0), out);
  if (c.transform == "contrast") adjust_contrast(c.shape, c.number(0), out);
  if (c.transform == "saturation") adjust_saturation(c.shape, c.number(0), out);
  if (c.transform == "hue") adjust_hue(c.shape, c.number(0), out);
  if (c.transform == "blend") blend(c.number(0), other, out);
  if (c.transform == "paste") paste(c.shape, c.rectangle(), other, out);
  return out;
}

int largest_difference(const Bytes& a, const Bytes& b) {
  if (a.size() != b.size()) return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(int(a[i]) - int(b[i])));
  }
  return largest;
}

// tools/golden/augment.py. Rounding of what is computed in floats may differ by one level.
TEST(AugmentTransforms, EqualTorchvisions) {
  const std::string text = read_text(TAILOR_SOURCE_DIR "/tests/golden/augment.csv");
  CsvReader reader(text);
  std::vector<std::string_view> cells;
  ASSERT_TRUE(reader.next(cells));
  std::map<std::string, int> cases;
  while (reader.next(cells)) {
    const Case c = case_of(cells);
    const bool in_floats =
        c.transform == "affine" || c.transform == "hue" || c.transform == "blend";
    EXPECT_LE(largest_difference(transformed(c), c.pixels), in_floats ? 1 : 0)
        << "line " << reader.line() << ", " << c.transform << " " << cells[3];
    ++cases[c.transform];
  }
  EXPECT_EQ(cases.size(), 11U);
}

TEST(AugmentTransforms, TurnWhatComesInFromOutsideAsShiftDoes) {
  const Shape shape{1, 4, 4};
  const Bytes in = noise(3, shape);
  Bytes turned(in.size()), same(in.size());
  for (const Fill fill : {Fill::kZero, Fill::kEdge, Fill::kReflect}) {
    turn_and_zoom(shape, in, 0, 1, fill, same);
    EXPECT_EQ(same, in);
  }
  turn_and_zoom(shape, Bytes(in.size(), 9), 45, 1, Fill::kEdge, turned);
  EXPECT_EQ(turned, Bytes(in.size(), 9));
  turn_and_zoom(shape, Bytes(in.size(), 9), 45, 1, Fill::kZero, turned);
  EXPECT_LT(turned.front(), 9);
}

TEST(AugmentTransforms, LeaveOutWhatHangsOverTheEdge) {
  const Shape shape{1, 3, 3};
  Bytes image(9, 1);
  blank(shape, {-1, -1, 2, 2}, image);
  EXPECT_EQ(image, (Bytes{0, 1, 1, 1, 1, 1, 1, 1, 1}));
  blank(shape, {5, 5, 2, 2}, image);
  blank(shape, {2, 2, 9, 9}, image);
  EXPECT_EQ(image, (Bytes{0, 1, 1, 1, 1, 1, 1, 1, 0}));
}

TEST(AugmentTransforms, ShiftByMoreThanTheImage) {
  const Shape shape{1, 2, 2};
  const Bytes in = {1, 2, 3, 4};
  Bytes out(4);
  shift(shape, in, 0, 7, Fill::kZero, out);
  EXPECT_EQ(out, Bytes(4, 0));
  shift(shape, in, 0, -7, Fill::kEdge, out);
  EXPECT_EQ(out, (Bytes{2, 2, 4, 4}));
  shift(shape, in, 0, 2, Fill::kReflect, out);  // a mirror behind every other pixel
  EXPECT_EQ(out, in);
}

TEST(AugmentTransforms, TakeImagesOfOnePixel) {
  const Shape shape{3, 1, 1};
  const Bytes in = {10, 200, 30};
  for (const Fill fill : {Fill::kZero, Fill::kEdge, Fill::kReflect}) {
    Bytes out(3);
    shift(shape, in, 1, -1, fill, out);
    EXPECT_EQ(out, fill == Fill::kZero ? Bytes(3, 0) : in);
    turn_and_zoom(shape, in, 30, 1.5, fill, out);
    EXPECT_EQ(out, in);
  }
  Bytes out(3);
  mirror(shape, in, out);
  EXPECT_EQ(out, in);
}

}  // namespace
}  // namespace tailor::internal
