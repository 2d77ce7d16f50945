// Probabilities one can take at their word.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/data/dataset.hpp"
#include "tailor/train/records.hpp"

namespace tailor {

// 15 bins of equal width over the probability of the most probable class. Throws bad_input as
// evaluate_predictions does.
Reliability reliability(std::span<const float> probabilities, std::span<const std::uint8_t> labels,
                        int classes);

// softmax(log(p) / temperature) of each row: what dividing the logits gives.
std::vector<float> with_temperature(std::span<const float> probabilities, int classes,
                                    double temperature);

// The temperature of least cross-entropy, by a bounded search over its logarithm (0.05 to 20): one
// minimum, since the loss is convex in 1/T. 1 where there are no images.
Temperature fit_temperature(std::span<const float> probabilities,
                            std::span<const std::uint8_t> labels, int classes);

// A stratified `share` of the rows, held back for the fit; ascending, the same for every thread
// count and platform. Empty where it would be less than one image per class on average.
Indices calibration_rows(std::span<const std::uint8_t> labels, double share, std::uint64_t seed);

}  // namespace tailor
