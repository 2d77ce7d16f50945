#include "tailor/train/gradient_sums.hpp"

namespace tailor::internal {

namespace {

// A sum of few numbers takes as long as one of some thousand: small tensors go together.
constexpr std::size_t kWorthASum = 16384;

}  // namespace

void GradientSums::complete_from(std::size_t first) {
  if (pending_end_ - first >= kWorthASum) start(first);
  peers_.progress();
}

void GradientSums::finish() {
  if (pending_end_ > 0) start(0);
  peers_.wait();
  pending_end_ = gradients_.size();
}

void GradientSums::start(std::size_t first) {
  peers_.start_sum(gradients_.subspan(first, pending_end_ - first));
  pending_end_ = first;
}

}  // namespace tailor::internal
