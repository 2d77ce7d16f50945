// What the model took for what, as a table a screen reader can walk and an eye can scan.
#pragma once

#include <string>
#include <string_view>

#include "tailor/train/records.hpp"

namespace tailor {

// Counts by true class (rows) and predicted class (columns), shaded by the share of the row: blue
// with a frame for the hits on the diagonal, orange for mistakes. Over 30 classes a drawing of the
// same, without figures. `id` must be unique on the page.
std::string confusion_html(std::string_view id, const Evaluation& test);

// The pairs that were confused most often, worst first, at most `count`; "" where there are none.
std::string confused_pairs_html(const Evaluation& test, int count);

// Precision, recall, F1 and support of every class, and the macro average.
std::string class_table_html(const Evaluation& test);

}  // namespace tailor
