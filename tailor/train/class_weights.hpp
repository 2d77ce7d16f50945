// How much each class's images count: Keras's class_weight.
#pragma once

#include <string>
#include <vector>

#include "tailor/data/rows.hpp"

namespace tailor::internal {

// One factor of the loss for each class of the set; empty where all count 1. `text` is
// train.class_weight:
//   none
//   balanced                   images / (classes * images of the class), of these rows, as
//                              scikit-learn's compute_class_weight
//   {"Shirt" = 2.0, "3" = 1.5}  by name or number; what is not named counts 1
// Throws bad_input naming the option for anything else.
std::vector<double> class_weights(const std::string& text, const Rows& rows);

// Throws as class_weights() where that can be said without the images.
void check_class_weight(const std::string& text);

}  // namespace tailor::internal
