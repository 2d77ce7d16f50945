// Softmax and cross-entropy over the logits of a batch.
#pragma once

#include <cstdint>
#include <span>

#include "tailor/core/label.hpp"
#include "tailor/ops/tensor.hpp"

namespace tailor::internal {

struct LossSum {
  double loss =
      0;  // sum of -log p(label) over the batch (of the smoothed target where smoothing > 0)
  int correct = 0;  // images whose largest logit is their label's; ties go to the lower class
};

// Labels smoothed as Keras's CategoricalCrossentropy does: (1 - s) * one-hot + s / classes. Where
// `logits` has a gradient and `mean_over` is not 0, writes d(loss / mean_over)/d(logits) into
// logits.diff.
LossSum softmax_cross_entropy(Tensor& logits, std::span<const Label> labels, double smoothing,
                              int mean_over);

// batch x classes, rows summing to 1.
void softmax(const Tensor& logits, std::span<float> out);

// batch x classes logits without padding.
void copy_logits(const Tensor& logits, std::span<float> out);

}  // namespace tailor::internal
