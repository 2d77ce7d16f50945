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

void LibraryOp::run(std::vector<onednn::Bound>& bound) {
  const double multiply_adds = double(shape_.size()) * double(dst_.plane()) * double(dst_.batch);
  const std::size_t each = scratch_bytes() / std::size_t(engine_.threads());
  share_out(engine_, microseconds_of(multiply_adds), int(bound.size()), 1,
            [&](int first, int last, int thread) {
              for (int i = first; i < last; ++i) {
                bound[std::size_t(i)].run(engine_, scratch_ + each * std::size_t(thread));
              }
            });
}

void LibraryOp::load(const ParamSpans& p) {
  weights_.pack(engine_, p.kernel);
  if (!backward_data_.empty() && !shares_weights_) weights_backward_.pack(engine_, p.kernel);
  if (has_bias_) std::copy(p.bias.begin(), p.bias.end(), bias_.floats().begin());
}

void LibraryOp::prepare_backward() {
  if (masks_) mask_rectified(engine_, dst_, dst_);
}

void LibraryOp::backward_weights(const GradientSpans& g) {
  run(backward_weights_);
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
  return (most + 63) / 64 * 64 * std::size_t(engine_.threads());
}

void LibraryOp::bind(void* scratch) {
  scratch_ = static_cast<char*>(scratch);
  for (auto* bound : {&forward_, &backward_data_, &backward_weights_}) {
    for (onednn::Bound& b : *bound) b.place();
  }
}

}  // namespace tailor::internal
