// What our own convolutions and dense layers hold in every precision: their tensors, what is fused
// into them, the kernel in their order, and scratch for every thread. Include it before a target's
// region: own_op.cpp is compiled once, for any CPU.
#pragma once

#include <cstddef>
#include <string>

#include "tailor/ops/op.hpp"

namespace tailor::internal {

class OwnOp : public Op {
 public:
  bool has_weights() const override { return true; }
  // These run the phase's stages.
  void load(const ParamSpans& params) override;
  void backward_weights(const GradientSpans& gradients) override;
  // Masks dst.diff with the fused ReLU, where neither a pooling nor the consumer has done so.
  void prepare_backward() override;
  Stages stages(OpPhase phase) const override;
  void run_stage(OpPhase phase, int stage, const StepContext& step, int first, int last,
                 int thread) override;
  // The operation's name in every phase that it runs code of its own in; "name, pooled" for a
  // pooled forward.
  std::string implementation(OpPhase phase) const override;
  BufferUses uses() override;
  std::size_t memory_bytes() const override;
  std::size_t scratch_bytes() const override;
  void bind(const Scratch& scratch) override { scratch_ = scratch; }

 protected:
  struct Fused {
    bool bias;
    bool relu;
    bool pools = false;
  };

  OwnOp(std::string name, const Fused& fused, const OpContext& context);

  // For constructors: room for the packed kernel in ahead_, and in back_ where a training plan
  // wants the source's gradient.
  void hold_kernel(std::size_t bytes);
  // For constructors: the bias's gradient is summed in so many parts of the batch.
  void sum_bias_in(std::size_t parts);
  // For constructors: a thread's scratch is at least this large.
  void need_scratch(std::size_t bytes);

  void load_bias(const ParamSpans& params);
  // channels of dst, padded with zeros; null without a bias.
  const float* bias();
  float* bias_sums(std::size_t part);
  // Adds the parts of the bias's gradient, in order.
  void finish_bias(const GradientSpans& gradients);
  void* scratch(int thread) { return scratch_.of(thread); }

  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;
  const Fused fused_;
  const bool training_;
  Buffer ahead_;
  Buffer back_;
  // Training with pooling: which value of every window won. A byte for each value of dst in f32, 4
  // bits in bf16; f32/pool.hpp and bf16/winograd/winograd.hpp say in which order.
  Buffer winners_;

 private:
  std::string name_;
  bool masks_;
  Buffer bias_;
  Buffer bias_sums_;
  std::size_t thread_scratch_ = 0;
  Scratch scratch_;
};

}  // namespace tailor::internal
