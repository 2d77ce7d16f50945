// How well each class is known.
#pragma once

#include <string>

#include "tailor/train/records.hpp"

namespace tailor::internal {

// Precision and recall of every class as bars with 95 % Wilson intervals, F1 and support, and the
// macro average below. A figure that nothing stands behind (recall of a class without images,
// precision of one that was never predicted) is an en dash. "" without classes.
std::string class_table_html(const Evaluation& test);

}  // namespace tailor::internal
