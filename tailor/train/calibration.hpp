// Probabilities one can take at their word.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/data/dataset.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal {

// 15 bins of equal width over the probability of the most probable class (Guo et al. 2017, "On
// calibration of modern neural networks", formula 3; netcal's ECE(15) gives the same); an empty bin
// has 0 for confidence and accuracy. nll and accuracy are evaluate_predictions' loss and accuracy.
// brier sums over all classes, also where there are two: from 0 to 2, as scikit-learn's
// brier_score_loss(scale_by_half=False); its "auto" halves it for two classes. Throws bad_input as
// check_predictions does.
Reliability reliability(std::span<const float> probabilities, std::span<const Label> labels,
                        int classes);

// softmax(log(p) / temperature) of each row: what dividing the logits gives, with p no smaller than
// evaluate_predictions takes it (2^-23), so that a probability of 0 can recover. The most probable
// class stays the same, also where rounding would make two equal. Temperature 1 changes nothing.
std::vector<float> with_temperature(std::span<const float> probabilities, int classes,
                                    double temperature);

// The temperature of least cross-entropy of with_temperature(): one minimum, since the loss is
// convex in 1/T, found by bisecting over log T where its slope changes sign, from 0.05 to 20. 1
// where there are no images, where none says anything, and where the minimum is not between these:
// an end would say how far one looked, not how sure one can be. `kept` says which. Throws bad_input
// as check_predictions does.
Temperature fit_temperature(std::span<const float> probabilities, std::span<const Label> labels,
                            int classes);

// A stratified `share` (0 to 1) of the rows, held back for the fit; ascending, the same for every
// thread count and platform. Empty where it would be less than 50 images per class on average.
Indices calibration_rows(std::span<const Label> labels, double share, std::uint64_t seed);

}  // namespace tailor::internal
