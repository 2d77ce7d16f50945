// Softmax and cross-entropy over the logits of a batch.
#pragma once

#include <cstdint>
#include <span>

#include "tailor/core/label.hpp"
#include "tailor/ops/tensor.hpp"

namespace tailor::internal {

struct LossSum {
  double loss = 0;  // sum over the batch of weight * -sum(target * log p)
  int correct = 0;  // images whose largest logit is their label's; ties go to the lower class
};

// What the answers for a batch are to be.
struct Targets {
  std::span<const Label> labels;
  // As Keras's CategoricalCrossentropy: (1 - smoothing) * label + smoothing / classes.
  double smoothing = 0;
  std::span<const MixedLabel> mixed = {};      // of each image; empty: none is
  std::span<const double> class_weights = {};  // of each class, as Keras's; empty: 1
};

// Where `logits` has a gradient and `mean_over` is not 0, writes d(loss / mean_over)/d(logits) into
// logits.diff. Of a mixed image the label of the larger share is the one to hit, and its weight is
// of both classes by their shares.
LossSum softmax_cross_entropy(Tensor& logits, const Targets& targets, int mean_over);

// batch x classes, rows summing to 1.
void softmax(const Tensor& logits, std::span<float> out);

// batch x classes logits without padding.
void copy_logits(const Tensor& logits, std::span<float> out);

}  // namespace tailor::internal
