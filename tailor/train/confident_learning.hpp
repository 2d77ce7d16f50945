// Labels that are probably wrong, from predictions by models that did not train on them
// (Northcutt, Jiang & Chuang 2021, "Confident learning"): per-class thresholds, the confident
// joint, pruning by noise rate. A ranked list for a person, never a verdict.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal {

// `probabilities`: rows x classes, out of fold. All rows where some other class is more probable
// than the label, ranked by the label's probability, smallest first, then by the guess's, largest
// first, then by row.
//
// By the label's probability and not by the margin to the guess, and the flagged ones not first: of
// 1,000 labels of Fashion-MNIST flipped at random, 95 % stand among the first 2,000 so, 84 % by
// margin, 88 and 83 % with the flagged first (3 seeds, docs/benchmarks.md).
//
// `flagged` is cleanlab 2's find_label_issues(filter_by="prune_by_noise_rate"): a label of class i
// is counted for the class j whose probability reaches j's mean among those labelled j, the counts
// are scaled to the class sizes, and of each pair (i, j) as many are flagged as counted, those of
// the largest p(j) - p(i) first, equal ones by row. It differs from cleanlab only in which of equal
// counts are rounded up (numpy's sort is not stable on every CPU: 2 of 3,439 flags), and where
// rounding leaves a class without a right label: then its largest count is lowered by one. Throws
// bad_input as check_predictions does.
std::vector<LabelSuspect> label_suspects(std::span<const float> probabilities,
                                         std::span<const Label> labels, int classes);

// How far such predictions can be believed.
struct JudgeQuality {
  double accuracy = 0;   // share of the images whose label is the most probable class
  double sure_from = 0;  // the least probability from which on that share is kTrustedAccuracy
};

// Where the judges are right less often than that, most of what confident learning flags is their
// own mistake: of 3,068 photographs, judged by nets that were right on 67 %, it flagged 28 %.
inline constexpr double kTrustedAccuracy = 0.85;

// sure_from is 0 where the accuracy over all images is kTrustedAccuracy, and 2, out of reach, where
// no 20 images are judged so well.
JudgeQuality judge_quality(std::span<const float> probabilities, std::span<const Label> labels,
                           int classes);

// Takes the flag from those whose guess is less probable than `sure_from`.
void keep_flags_of_sure(std::vector<LabelSuspect>& suspects, double sure_from);

}  // namespace tailor::internal
