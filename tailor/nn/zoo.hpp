// Named models: functions from a few settings to a Spec.
#pragma once

#include <string>
#include <vector>

#include "tailor/core/fields.hpp"
#include "tailor/nn/spec.hpp"

namespace tailor::internal {

// What [model] of an experiment holds. With name = "custom", `layers` is the net as written in
// [[model.layer]] and the rest is unused; the class count of the last Dense may be left 0 = the
// data's.
struct ModelOptions {
  std::string name = "seed";
  int kernels = 32;      // filters of the first Conv2D; later ones have 2 and 4 times as many
  double dropout = 0.4;  // rate of the one Dropout, after Flatten
  int dense = 128;       // units of the hidden Dense
  double l2 = 1e-4;      // kernel regulariser of the two Dense layers
  std::vector<Layer> layers;
  int views = 1;  // 1 | 2 | 6: nn/views.hpp
  bool operator==(const ModelOptions&) const = default;
};

FieldList fields_of(ModelOptions& options);

std::vector<std::string> model_names();  // "seed", "air", "custom"

// Throws bad_input for an unknown name (naming the nearest) or a net that does not fit the images.
Spec make_spec(const ModelOptions& options, const Shape& input, int classes);

}  // namespace tailor::internal
