// What a model said of every image of a set, as a file.
#pragma once

#include <span>
#include <string>

#include "tailor/data/dataset.hpp"

namespace tailor::internal {

// One line for each image: its number, its label, the most probable class, how probable that and
// the label are. `probabilities`: images x classes, as they are to be believed.
std::string predictions_csv(const Dataset& set, std::span<const float> probabilities);

}  // namespace tailor::internal
