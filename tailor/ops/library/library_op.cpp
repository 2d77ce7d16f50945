#include "tailor/ops/library/library_op.hpp"

#include <algorithm>

#include "tailor/ops/threads.hpp"

namespace tailor::internal {

LibraryOp::LibraryOp(const OpContext& c, const onednn::KernelShape& shape, int most_parts,
                     bool bias, bool relu)
    : engine_(c.engine),
      src_(c.src),
      dst_(c.dst),
      shape_(shape),
      most_parts_(most_parts),
      has_bias_(bias),
      rectifies_(relu),
      masks_(relu && !c.masked_by_consumer),
      bias_(std::size_t(c.dst.channels) * sizeof(float)) {}

onednn::Desc LibraryOp::bias_desc() const {
  return has_bias_ ? onednn::Desc({dst_.channels}, onednn::Type::f32, onednn::Tag::x)
                   : onednn::Desc();
}

// The most that divide the images evenly: another primitive for what is left over might want its
// weights in another order.
int LibraryOp::equal_parts(int most) const {
  constexpr int kLeastImages = 8;
  for (int parts = std::min(most, src_.batch / kLeastImages); parts > 1; --parts) {
    if (src_.batch % parts == 0) return parts;
  }
  return 1;
}

std::vector<onednn::ImagePart> LibraryOp::parts(int count) {
  std::vector<onednn::ImagePart> list;
  for (int i = 0; i < count; ++i) list.push_back({i, count});
  return list;
}

double LibraryOp::microseconds() const {
  return microseconds_of(double(shape_.size()) * double(dst_.plane()) * double(dst_.batch));
}

void LibraryOp::run(std::vector<onednn::Bound>& bound, bool rectifies) {
  share_out(engine_, microseconds(), int(bound.size()), 1, [&](int first, int last, int thread) {
    run_parts(bound, rectifies, first, last, thread);
  });
}

void LibraryOp::run_parts(std::vector<onednn::Bound>& bound, bool rectifies, int first, int last,
                          int thread) {
  const int parts = int(bound.size());
  for (int i = first; i < last; ++i) {
    bound[std::size_t(i)].run(engine_, scratch_.of(thread));
    if (rectifies) {
      rectify(engine_, dst_, {part(dst_.batch, i, parts), part(dst_.batch, i + 1, parts)});
    }
  }
}

Stages LibraryOp::in_their_parts(const std::vector<onednn::Bound>& bound) const {
  const int parts = int(bound.size());
  return parts == kBatchPieces ? in_pieces(microseconds()) : in_parts(parts, microseconds());
}

Stages LibraryOp::stages(OpPhase phase) const {
  switch (phase) {
    case OpPhase::kForward:
      return in_their_parts(forward_);
    case OpPhase::kPrepareBackward:
      return masks_ ? in_pieces(pass_microseconds(dst_)) : Stages();
    case OpPhase::kBackwardWeights:
      return {2,
              {{Stage::Of::kParts, int(backward_weights_.size()), microseconds()},
               {Stage::Of::kParts, 1, double(shape_.size()) / 1000}}};
    case OpPhase::kBackwardData:
      return in_their_parts(backward_data_);
    default:
      return Op::stages(phase);
  }
}

void LibraryOp::run_stage(OpPhase phase, int stage, const StepContext& step, int first, int last,
                          int thread) {
  switch (phase) {
    case OpPhase::kForward:
      return run_parts(forward_, rectifies_, first, last, thread);
    case OpPhase::kPrepareBackward:
      return mask_rectified(engine_, dst_, dst_, images_of_pieces(dst_.batch, first, last));
    case OpPhase::kBackwardWeights:
      if (stage == 1) return finish_gradients(step.gradients);
      return run_parts(backward_weights_, false, first, last, thread);
    case OpPhase::kBackwardData:
      return run_parts(backward_data_, false, first, last, thread);
    default:
      return Op::run_stage(phase, stage, step, first, last, thread);
  }
}

void LibraryOp::load(const ParamSpans& p) {
  weights_.pack(engine_, p.kernel);
  if (!backward_data_.empty() && !shares_weights_) weights_backward_.pack(engine_, p.kernel);
  if (has_bias_) std::copy(p.bias.begin(), p.bias.end(), bias_.floats().begin());
}

void LibraryOp::prepare_backward() {
  if (masks_) mask_rectified(engine_, dst_, dst_, {0, dst_.batch});
}

void LibraryOp::backward_weights(const GradientSpans& g) {
  run(backward_weights_, false);
  finish_gradients(g);
}

void LibraryOp::finish_gradients(const GradientSpans& g) {
  diff_weights_.unpack(engine_, g.kernel);
  if (!has_bias_) return;
  const auto channels = std::size_t(dst_.channels);
  for (std::size_t c = 0; c < g.bias.size(); ++c) {
    g.bias[c] = diff_bias_.floats()[c];
    for (std::size_t part = 1; part < backward_weights_.size(); ++part) {
      g.bias[c] += diff_bias_.floats()[part * channels + c];
    }
  }
}

std::string LibraryOp::implementation(OpPhase phase) const {
  const auto* bound = phase == OpPhase::kForward           ? &forward_
                      : phase == OpPhase::kBackwardWeights ? &backward_weights_
                      : phase == OpPhase::kBackwardData    ? &backward_data_
                                                           : nullptr;
  if (bound == nullptr) return Op::implementation(phase);
  return bound->empty() ? "" : bound->front().implementation();
}

BufferUses LibraryOp::uses() {
  BufferUses uses{{&src_.data, &dst_.data}, {&src_.data, &src_.diff, &dst_.diff}};
  if (masks_) uses.backward.push_back(&dst_.data);
  return uses;
}

std::size_t LibraryOp::memory_bytes() const {
  return weights_.bytes() + weights_backward_.bytes() + diff_weights_.bytes() + bias_.bytes() +
         diff_bias_.bytes();
}

std::size_t LibraryOp::scratch_bytes() const {
  std::size_t most = 0;
  for (const auto* bound : {&forward_, &backward_data_, &backward_weights_}) {
    if (!bound->empty()) most = std::max(most, bound->front().scratch_bytes());
  }
  return (most + 63) / 64 * 64;
}

void LibraryOp::bind(const Scratch& scratch) {
  scratch_ = scratch;
  for (auto* bound : {&forward_, &backward_data_, &backward_weights_}) {
    for (onednn::Bound& b : *bound) b.place();
  }
}

}  // namespace tailor::internal
