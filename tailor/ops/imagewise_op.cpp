#include "tailor/ops/imagewise_op.hpp"

namespace tailor::internal {

void ImagewiseOp::forward(const StepContext& step) {
  forward_images(step, {0, src_.batch});
}

void ImagewiseOp::backward_data() {
  backward_images({0, src_.batch});
}

Stages ImagewiseOp::stages(OpPhase phase) const {
  if (phase != OpPhase::kForward && phase != OpPhase::kBackwardData) return Stages();
  return in_pieces(pass_microseconds(src_));
}

void ImagewiseOp::run_stage(OpPhase phase, int, const StepContext& step, int first, int last, int) {
  const ImageRange images = images_of_pieces(src_.batch, first, last);
  if (phase == OpPhase::kForward) {
    forward_images(step, images);
  } else {
    backward_images(images);
  }
}

}  // namespace tailor::internal
