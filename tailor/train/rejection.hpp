// Answers that a model keeps to itself: what it takes to be right as often as somebody wants, and
// how many answers that costs.
#pragma once

#include <span>
#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal {

// The numbers behind scikit-learn's precision_recall_curve of "is right" by the probability of the
// most probable class. `probabilities`: images x classes. Throws bad_input as check_predictions
// does.
CoverageCurve coverage_curve(std::span<const float> probabilities, std::span<const Label> labels,
                             int classes);

// The lowest threshold at which at least `wanted` of the answers are right, kFewestAnswers of them
// or more. No threshold where there is none.
Rejection choose_rejection(const CoverageCurve& curve, double wanted);

// Whether a row of probabilities is no answer.
bool is_unsure(const Rejection& rejection, std::span<const float> row);

}  // namespace tailor::internal
