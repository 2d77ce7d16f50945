#include "tailor/ops/library/library_op.hpp"

#include <algorithm>

namespace tailor::internal {

LibraryOp::LibraryOp(const OpContext& c, const onednn::KernelShape& shape, bool bias, bool relu)
    : engine_(c.engine),
      src_(c.src),
      dst_(c.dst),
      shape_(shape),
      has_bias_(bias),
      masks_(relu && !c.masked_by_consumer),
      bias_(std::size_t(c.dst.channels) * sizeof(float)) {}

onednn::Desc LibraryOp::bias_desc() const {
  return has_bias_ ? onednn::Desc({dst_.channels}, onednn::Type::f32, onednn::Tag::x)
                   : onednn::Desc();
}

void LibraryOp::load(const ParamSpans& p) {
  weights_.pack(engine_, p.kernel);
  if (backward_data_ && !shares_weights_) weights_backward_.pack(engine_, p.kernel);
  if (has_bias_) std::copy(p.bias.begin(), p.bias.end(), bias_.floats().begin());
}

void LibraryOp::prepare_backward() {
  if (masks_) mask_rectified(engine_, dst_, dst_);
}

void LibraryOp::backward_weights(const GradientSpans& g) {
  backward_weights_.run(engine_);
  diff_weights_.unpack(engine_, g.kernel);
  if (has_bias_) std::copy_n(diff_bias_.floats().begin(), g.bias.size(), g.bias.begin());
}

std::string LibraryOp::implementation(OpPhase phase) const {
  if (phase == OpPhase::kForward) return forward_.implementation();
  if (phase == OpPhase::kBackwardWeights) return backward_weights_.implementation();
  if (phase == OpPhase::kBackwardData) return backward_data_.implementation();
  return Op::implementation(phase);
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
  return std::max({forward_.scratch_bytes(), backward_data_.scratch_bytes(),
                   backward_weights_.scratch_bytes()});
}

void LibraryOp::bind(void* scratch) {
  for (onednn::Bound* b : {&forward_, &backward_data_, &backward_weights_}) b->place(scratch);
}

}  // namespace tailor::internal
