// Which image of a data set somebody means: "17", "test:17", "train:17".
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "tailor/data/dataset.hpp"
#include "tailor/data/recipe.hpp"
#include "tailor/formats/image.hpp"

namespace tailor::internal {

struct ImageSource {
  bool test = true;
  std::size_t index = 0;
};

// A mere number is of the test set where `test_by_default`; "idx:17" is "test:17". nullopt for
// text that is no number and has none of these prefixes; bad_input for a prefix without a number.
std::optional<ImageSource> parse_image_source(const std::string& text, bool test_by_default);

// Throws bad_input where the set has no such image.
void check_index(const ImageSource& source, const Dataset& set, const std::string& text);

inline const char* split_name(bool test) {
  return test ? "test" : "train";
}

Image image_of(const Dataset& set, std::size_t index);

// A picture as `recipe` has it seen. Throws bad_input for what is none.
Image read_image(const std::string& file, const Recipe& recipe);

}  // namespace tailor::internal
