// An operation without weights that treats every image for itself, forward and backward. Include it
// before a target's region: imagewise_op.cpp is compiled once, for any CPU.
#pragma once

#include "tailor/ops/op.hpp"

namespace tailor::internal {

class ImagewiseOp : public Op {
 public:
  void forward(const StepContext& step) final;
  void backward_data() final;
  Stages stages(OpPhase phase) const override;
  void run_stage(OpPhase phase, int stage, const StepContext& step, int first, int last,
                 int thread) override;

 protected:
  explicit ImagewiseOp(const OpContext& context)
      : ImagewiseOp(context.engine, context.src, context.dst) {}
  ImagewiseOp(Engine& engine, Tensor& src, Tensor& dst) : engine_(engine), src_(src), dst_(dst) {}

  virtual void forward_images(const StepContext& step, ImageRange images) = 0;
  virtual void backward_images(ImageRange images) = 0;

  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;
};

}  // namespace tailor::internal
