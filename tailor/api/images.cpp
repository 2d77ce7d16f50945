#include <fmt/format.h>

#include <algorithm>

#include "tailor/api/access.hpp"
#include "tailor/api/border.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/version.hpp"
#include "tailor/data/directory.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/image_source.hpp"

namespace tailor {

const char* version() {
  return internal::version();
}

Dataset load_images(const std::filesystem::path& folder, Split split) {
  return internal::at_border([&] {
    return internal::load_set(
        internal::DataOptions{.dir = folder.string()},
        split == Split::kTest ? internal::Split::kTest : internal::Split::kTrain);
  });
}

std::vector<std::uint8_t> load_image(const std::filesystem::path& file, const Shape& shape) {
  return internal::at_border(
      [&] { return internal::read_image(file.string(), {.shape = shape}).pixels; });
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
  // By division, since products of what somebody made up may overflow.
  const std::size_t each = set.pixels.size() / set.labels.size();
  const std::size_t row = std::size_t(shape.width) * std::size_t(shape.channels);
  if (set.pixels.size() % set.labels.size() != 0 || each % row != 0 ||
      each / row != std::size_t(shape.height)) {
    throw bad_input(fmt::format("{} bytes of pixels are not {} images of {}", set.pixels.size(),
                                set.labels.size(), to_string(shape)));
  }
  if (set.class_names.size() > kMostClasses) {
    throw bad_input(fmt::format("there are {} classes, and at most {} are possible",
                                set.class_names.size(), kMostClasses));
  }
  const int largest = *std::ranges::max_element(set.labels);
  if (largest >= set.classes()) {
    throw bad_input(
        fmt::format("label {} has no class: class_names has {}", largest, set.classes()));
  }
}

}  // namespace tailor::internal
