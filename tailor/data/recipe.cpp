#include "tailor/data/recipe.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace tailor::internal {
namespace {

SourceBox whole(const Image& image) {
  return {0, 0, float(image.width), float(image.height)};
}

// Python's round(): halves to the even number.
int rounded(double value) {
  return int(std::nearbyint(value));
}

void pad(const Recipe& recipe, const Image& image, Image& out) {
  const Shape& shape = recipe.shape;
  const ImageSize size = contained(image.height, image.width, shape);
  if (size.height == shape.height && size.width == shape.width) {
    resample(image, whole(image), size.height, size.width, recipe.filter, out);
    return;
  }
  thread_local Image inner;  // kept: a folder's pictures are many
  resample(image, whole(image), size.height, size.width, recipe.filter, inner);
  const auto channels = std::size_t(shape.channels);
  const std::size_t row = std::size_t(shape.width) * channels;
  out.height = shape.height;
  out.width = shape.width;
  out.channels = shape.channels;
  out.pixels.resize(shape.size());
  Image background{1, 1, 3, {recipe.background.begin(), recipe.background.end()}};
  convert_image(background, shape.channels, recipe.background);
  for (std::size_t i = 0; i < out.pixels.size(); ++i) {
    out.pixels[i] = background.pixels[i % channels];
  }
  const bool aside = size.width != shape.width;
  const auto left = std::size_t(aside ? rounded((shape.width - size.width) * 0.5) : 0);
  const auto top = std::size_t(aside ? 0 : rounded((shape.height - size.height) * 0.5));
  const std::size_t bytes = std::size_t(size.width) * channels;
  for (std::size_t y = 0; y < std::size_t(size.height); ++y) {
    std::copy_n(&inner.pixels[y * bytes], bytes, &out.pixels[(top + y) * row + left * channels]);
  }
}

}  // namespace

SourceBox middle_of(int height, int width, const Shape& shape) {
  const double ratio = double(width) / height;
  const double wanted = double(shape.width) / shape.height;
  double part_width = width, part_height = height;
  if (ratio > wanted) {
    part_width = wanted * height;
  } else if (ratio < wanted) {
    part_height = width / wanted;
  }
  const double left = (width - part_width) * 0.5, top = (height - part_height) * 0.5;
  return {float(left), float(top), float(left + part_width), float(top + part_height)};
}

ImageSize contained(int height, int width, const Shape& shape) {
  const double ratio = double(width) / height;
  const double wanted = double(shape.width) / shape.height;
  ImageSize size{shape.height, shape.width};
  if (ratio > wanted) {
    size.height = std::max(rounded(double(height) / width * shape.width), 1);
  } else if (ratio < wanted) {
    size.width = std::max(rounded(ratio * shape.height), 1);
  }
  return size;
}

void prepare(const Recipe& recipe, Image& image, Image& out) {
  const Shape& shape = recipe.shape;
  convert_image(image, shape.channels, recipe.background);
  switch (recipe.fit) {
    case Fit::kPad:
      pad(recipe, image, out);
      return;
    case Fit::kCrop:
      resample(image, middle_of(image.height, image.width, shape), shape.height, shape.width,
               recipe.filter, out);
      return;
    case Fit::kStretch:
      break;
  }
  resample(image, whole(image), shape.height, shape.width, recipe.filter, out);
}

Image prepared(const Recipe& recipe, std::span<const std::uint8_t> bytes,
               const std::string& source) {
  Image image, out;
  decode_picture(bytes, recipe.upright, source, image);
  prepare(recipe, image, out);
  return out;
}

}  // namespace tailor::internal
