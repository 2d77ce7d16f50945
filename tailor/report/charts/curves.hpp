// Learning curves on one scale: several models, or several runs that differ only in their seed,
// over the same axes, so that the eye compares what should be compared. Inline SVG without script.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tailor/train/records.hpp"

namespace tailor::internal {

// What is drawn as one line: a model, or a group of runs that differ in nothing but the seed. Runs
// may differ in length; empty ones are passed over.
struct CurveGroup {
  std::string name;
  std::vector<std::vector<EpochRecord>> runs;
};

enum class CurveMeasure { accuracy, loss };

// One drawing: a solid line with filled marks for the training images of each group, a dashed one
// with hollow marks for the watched set where there was one; each group has a colour and a mark of
// its own and its name at the end of its lines. Groups of several runs show their mean, and a band
// from the least to the greatest. Pointing at an epoch names its figures. `id` must be unique on
// the page; "" without a single epoch.
std::string curve_chart(std::string_view id, const std::vector<CurveGroup>& groups,
                        CurveMeasure measure);

// Accuracy and loss side by side, a line that says how to read them, and the figures as a table to
// unfold (means over the runs).
std::string curve_figures(std::string_view id, const std::vector<CurveGroup>& groups);

}  // namespace tailor::internal
