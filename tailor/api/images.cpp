#include <fmt/format.h>

#include <algorithm>

#include "tailor/api/access.hpp"
#include "tailor/core/version.hpp"
#include "tailor/data/directory.hpp"
#include "tailor/study/image_source.hpp"

namespace tailor {

const char* version() {
  return internal::version();
}

Dataset load_images(const std::filesystem::path& folder, Split split) {
  return internal::load_split(
      folder, split == Split::kTest ? internal::Split::kTest : internal::Split::kTrain);
}

std::vector<std::uint8_t> load_image(const std::filesystem::path& file, const Shape& shape) {
  return internal::read_image(file.string(), shape).pixels;
}

}  // namespace tailor

namespace tailor::internal {

void check_dataset(const Dataset& set) {
  const Shape& shape = set.shape;
  if (shape.height < 1 || shape.width < 1 || (shape.channels != 1 && shape.channels != 3)) {
    throw bad_input(
        fmt::format("images of {} cannot be trained on: they need a height, a width "
                    "and 1 or 3 channels",
                    to_string(shape)));
  }
  if (set.labels.empty()) throw bad_input("there are no images");
  if (set.pixels.size() != set.labels.size() * shape.size()) {
    throw bad_input(fmt::format("{} labels want {} bytes of pixels, {} each, not {}",
                                set.labels.size(), set.labels.size() * shape.size(), shape.size(),
                                set.pixels.size()));
  }
  const int largest = *std::ranges::max_element(set.labels);
  if (largest >= set.classes()) {
    throw bad_input(
        fmt::format("label {} has no class: class_names has {}", largest, set.classes()));
  }
}

}  // namespace tailor::internal
