// What no single field can check: options that must fit together, and spaces that must stay inside
// the fields they vary.
#pragma once

#include <string>

#include "tailor/study/experiment/experiment.hpp"

namespace tailor::internal {

// Throws bad_input for a name that cannot be a folder, an error_score that is neither nan, raise
// nor a number, epochs that are both fixed and searched.
void check_experiment(const Experiment& experiment);

// Throws bad_input unless every value the dimension can give is allowed by the field it varies:
// "search.space: model.dropout must be at most 0.9, not 1.5".
void check_dimension(const Dimension& dimension, const Experiment& experiment);

// Whether a search may vary it: model.* but the name, and train.*.
bool is_searchable(const std::string& path);

// "unknown option train.epoch; did you mean train.epochs?", or what there is in its table.
std::string unknown_option_text(const std::string& path, const FieldList& known);

// The path a person most likely meant by `path`, or "": the nearest in its table, where there is
// such a table, or one of another table that ends so.
std::string nearest_path(const std::string& path, const FieldList& known);

}  // namespace tailor::internal
