// Results as a person reads them on a terminal or in a log: learning curves, the confusion matrix.
#pragma once

#include <string>
#include <vector>

#include "tailor/cli/console.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal {

struct TextCurve {
  std::string name;            // "first model"
  char mark = '*';             // of its points
  std::vector<double> values;  // by epoch, from 1; NaN are left out
};

// Curves over epochs on one scale, in per cent.
std::string curves_text(const std::string& title, const std::vector<TextCurve>& curves);

// Rows are true classes, columns what was predicted, by number; zeros are dots. Beyond 20 classes
// the ten cells off the diagonal with the most images instead.
std::string confusion_text(const Console& console,
                           const std::vector<std::vector<std::int64_t>>& confusion,
                           const std::vector<std::string>& class_names);

}  // namespace tailor::internal
