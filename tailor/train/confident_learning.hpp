// Labels that are probably wrong, from predictions by models that did not train on them
// (Northcutt, Jiang & Chuang 2021): per-class thresholds, the confident joint, pruning by noise
// rate, ranked by self-confidence. A ranked list for a person, never a verdict.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/train/records.hpp"

namespace tailor {

// `probabilities`: rows x classes, out of fold. All rows whose most probable class is not their
// label: the flagged ones first, each part by the normalized margin p(given) - p(guess), smallest
// first, equal ones by row. Throws bad_input as evaluate_predictions does.
std::vector<LabelSuspect> label_suspects(std::span<const float> probabilities,
                                         std::span<const std::uint8_t> labels, int classes);

}  // namespace tailor
