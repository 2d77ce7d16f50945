#include "tailor/ops/loss.hpp"

#include <algorithm>
#include <cmath>

#include "tailor/ops/own/values.hpp"

namespace tailor::internal {

namespace {

float logit(const Tensor& t, int image, int k) {
  const std::size_t i = std::size_t(image) * t.channels + k;
  return t.precision == Precision::kF32 ? simd::values<float>(t.data)[i]
                                        : simd::to_float(simd::values<simd::Bf16>(t.data)[i]);
}

void set_diff(Tensor& t, int image, int k, float value) {
  const std::size_t i = std::size_t(image) * t.channels + k;
  if (t.diff_precision == Precision::kF32) {
    simd::values<float>(t.diff)[i] = value;
  } else {
    simd::from_float(value, simd::values<simd::Bf16>(t.diff)[i]);
  }
}

// log(sum(exp(z))) without overflow, and the first largest logit.
struct LogSum {
  double value;
  int largest;
};

LogSum log_sum_exp(const Tensor& logits, int image) {
  const int classes = logits.shape.channels;
  int largest = 0;
  for (int k = 1; k < classes; ++k) {
    if (logit(logits, image, k) > logit(logits, image, largest)) largest = k;
  }
  const double top = logit(logits, image, largest);
  double sum = 0;
  for (int k = 0; k < classes; ++k) sum += std::exp(logit(logits, image, k) - top);
  return {top + std::log(sum), largest};
}

double weight_of(std::span<const double> class_weights, int label, const MixedLabel& mixed) {
  if (class_weights.empty()) return 1;
  const double share = mixed.share;
  return share * class_weights[std::size_t(label)] + (1 - share) * class_weights[mixed.other];
}

}  // namespace

LossSum softmax_cross_entropy(Tensor& logits, const Targets& targets, int mean_over) {
  const int classes = logits.shape.channels;
  const double elsewhere = targets.smoothing / classes;
  LossSum total;
  for (int n = 0; n < logits.batch; ++n) {
    const auto i = std::size_t(n);
    const int label = targets.labels[i];
    const MixedLabel mixed = targets.mixed.empty() ? MixedLabel{} : targets.mixed[i];
    const double own = (1 - targets.smoothing) * double(mixed.share);
    const double others = (1 - targets.smoothing) * (1 - double(mixed.share));
    const double weight = weight_of(targets.class_weights, label, mixed);
    const LogSum sum = log_sum_exp(logits, n);
    total.correct += sum.largest == (mixed.share < 0.5F ? int(mixed.other) : label);
    for (int k = 0; k < classes; ++k) {
      const double target = elsewhere + (k == label ? own : 0) + (k == mixed.other ? others : 0);
      const double log_p = logit(logits, n, k) - sum.value;
      if (target > 0) total.loss -= weight * target * log_p;
      if (mean_over > 0) {
        set_diff(logits, n, k, float(weight * (std::exp(log_p) - target) / mean_over));
      }
    }
    for (int k = classes; mean_over > 0 && k < logits.channels; ++k) set_diff(logits, n, k, 0);
  }
  return total;
}

void softmax(const Tensor& logits, std::span<float> out) {
  const int classes = logits.shape.channels;
  for (int n = 0; n < logits.batch; ++n) {
    const double sum = log_sum_exp(logits, n).value;
    for (int k = 0; k < classes; ++k) {
      out[std::size_t(n * classes + k)] = float(std::exp(logit(logits, n, k) - sum));
    }
  }
}

void copy_logits(const Tensor& logits, std::span<float> out) {
  const int classes = logits.shape.channels;
  for (int n = 0; n < logits.batch; ++n) {
    for (int k = 0; k < classes; ++k) out[std::size_t(n * classes + k)] = logit(logits, n, k);
  }
}

}  // namespace tailor::internal
