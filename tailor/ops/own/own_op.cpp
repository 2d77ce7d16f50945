#include "tailor/ops/own/own_op.hpp"

#include <algorithm>

#include "tailor/ops/makers.hpp"

namespace tailor::internal {

OwnOp::OwnOp(std::string name, const Fused& fused, const OpContext& c)
    : engine_(c.engine),
      src_(c.src),
      dst_(c.dst),
      fused_(fused),
      training_(c.training),
      name_(std::move(name)),
      masks_(fused.relu && !fused.pools && !c.masked_by_consumer),
      bias_(std::size_t(c.dst.channels) * sizeof(float)) {
  if (!training_ || !fused.pools) return;
  winners_ = Buffer::unplaced(src_.precision == Precision::kBf16 ? dst_.size() / 2 : dst_.size());
}

void OwnOp::hold_kernel(std::size_t bytes) {
  ahead_ = Buffer(bytes);
  if (training_ && src_.has_diff()) back_ = Buffer(bytes);
}

void OwnOp::sum_bias_in(std::size_t parts) {
  bias_sums_ = Buffer(parts * bias_.bytes());
}

void OwnOp::need_scratch(std::size_t bytes) {
  thread_scratch_ = std::max(thread_scratch_, (bytes + 63) / 64 * 64);
}

void OwnOp::load(const ParamSpans& p) {
  run_stages(*this, engine_, OpPhase::kLoad, {.params = p});
}

void OwnOp::backward_weights(const GradientSpans& g) {
  run_stages(*this, engine_, OpPhase::kBackwardWeights, {.gradients = g});
}

void OwnOp::prepare_backward() {
  if (masks_) mask_rectified(engine_, dst_, dst_, {0, dst_.batch});
}

Stages OwnOp::stages(OpPhase phase) const {
  if (phase != OpPhase::kPrepareBackward) return Op::stages(phase);
  return masks_ ? in_pieces(pass_microseconds(dst_)) : Stages();
}

void OwnOp::run_stage(OpPhase phase, int stage, const StepContext& step, int first, int last,
                      int thread) {
  if (phase != OpPhase::kPrepareBackward) {
    return Op::run_stage(phase, stage, step, first, last, thread);
  }
  mask_rectified(engine_, dst_, dst_, images_of_pieces(dst_.batch, first, last));
}

std::string OwnOp::implementation(OpPhase phase) const {
  switch (phase) {
    case OpPhase::kForward:
      return fused_.pools ? name_ + ", pooled" : name_;
    case OpPhase::kLoad:
      return name_;
    case OpPhase::kBackwardWeights:
      if (training_) return name_;
      break;
    case OpPhase::kBackwardData:
      if (back_.bytes() > 0) return name_;
      break;
    case OpPhase::kPrepareBackward:
      break;
  }
  return Op::implementation(phase);
}

BufferUses OwnOp::uses() {
  BufferUses uses{{&src_.data, &dst_.data, &winners_},
                  {&src_.data, &src_.diff, &dst_.diff, &winners_}};
  if (masks_) uses.backward.push_back(&dst_.data);
  return uses;
}

std::size_t OwnOp::memory_bytes() const {
  return ahead_.bytes() + back_.bytes() + bias_.bytes() + bias_sums_.bytes();
}

std::size_t OwnOp::scratch_bytes() const {
  return thread_scratch_;
}

void OwnOp::load_bias(const ParamSpans& p) {
  if (fused_.bias) std::copy(p.bias.begin(), p.bias.end(), bias_.floats().begin());
}

const float* OwnOp::bias() {
  return fused_.bias ? bias_.floats().data() : nullptr;
}

float* OwnOp::bias_sums(std::size_t part) {
  return bias_sums_.floats().data() + part * std::size_t(dst_.channels);
}

void OwnOp::finish_bias(const GradientSpans& g) {
  const std::size_t parts = bias_sums_.bytes() / bias_.bytes();
  for (std::size_t c = 0; c < g.bias.size(); ++c) {
    g.bias[c] = bias_sums(0)[c];
    for (std::size_t part = 1; part < parts; ++part) g.bias[c] += bias_sums(part)[c];
  }
}

}  // namespace tailor::internal
