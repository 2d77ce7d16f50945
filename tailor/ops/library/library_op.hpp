// What a convolution and a dense layer share: three primitives of the library on one kernel and one
// bias.
#pragma once

#include "tailor/ops/library/packed_weights.hpp"
#include "tailor/ops/makers.hpp"

namespace tailor::internal {

class LibraryOp : public Op {
 public:
  bool has_weights() const override { return true; }
  void load(const ParamSpans& params) override;
  void forward(const StepContext&) override { forward_.run(engine_); }
  void prepare_backward() override;
  void backward_weights(const GradientSpans& gradients) override;
  void backward_data() override { backward_data_.run(engine_); }
  std::string implementation(OpPhase phase) const override;
  BufferUses uses() override;
  std::size_t memory_bytes() const override;
  std::size_t scratch_bytes() const override;
  void bind(void* scratch) override;

 protected:
  // `relu`: fused into forward; its mask goes over dst.diff before the backward primitives, unless
  // the consumer did that.
  LibraryOp(const OpContext& context, const onednn::KernelShape& shape, bool bias, bool relu);

  // Each takes the primitive descriptor of Primitive (they share their interface, not a base
  // class).
  template <typename Primitive>
  void bind_forward(const typename Primitive::primitive_desc& pd) {
    weights_ = PackedWeights(engine_, pd.weights_desc(), shape_);
    forward_ = onednn::Bound(Primitive(pd), pd.impl_info_str());
    forward_.bind_later(DNNL_ARG_SRC, pd.src_desc(), library(), src_.data);
    forward_.bind(DNNL_ARG_WEIGHTS, pd.weights_desc(), library(), weights_.data());
    if (has_bias_) forward_.bind(DNNL_ARG_BIAS, bias_desc(), library(), bias_.data());
    forward_.bind_later(DNNL_ARG_DST, pd.dst_desc(), library(), dst_.data);
    forward_.bind_scratch(pd.scratchpad_desc(), library());
  }

  template <typename Primitive>
  void bind_backward_data(const typename Primitive::primitive_desc& pd) {
    shares_weights_ = pd.weights_desc() == weights_.desc();
    if (!shares_weights_) weights_backward_ = PackedWeights(engine_, pd.weights_desc(), shape_);
    PackedWeights& weights = shares_weights_ ? weights_ : weights_backward_;
    backward_data_ = onednn::Bound(Primitive(pd), pd.impl_info_str());
    backward_data_.bind_later(DNNL_ARG_DIFF_DST, pd.diff_dst_desc(), library(), dst_.diff);
    backward_data_.bind(DNNL_ARG_WEIGHTS, pd.weights_desc(), library(), weights.data());
    backward_data_.bind_later(DNNL_ARG_DIFF_SRC, pd.diff_src_desc(), library(), src_.diff);
    backward_data_.bind_scratch(pd.scratchpad_desc(), library());
  }

  template <typename Primitive>
  void bind_backward_weights(const typename Primitive::primitive_desc& pd) {
    diff_weights_ = PackedWeights(engine_, pd.diff_weights_desc(), shape_);
    diff_bias_ = Buffer(bias_.bytes());
    backward_weights_ = onednn::Bound(Primitive(pd), pd.impl_info_str());
    backward_weights_.bind_later(DNNL_ARG_SRC, pd.src_desc(), library(), src_.data);
    backward_weights_.bind_later(DNNL_ARG_DIFF_DST, pd.diff_dst_desc(), library(), dst_.diff);
    backward_weights_.bind(DNNL_ARG_DIFF_WEIGHTS, pd.diff_weights_desc(), library(),
                           diff_weights_.data());
    if (has_bias_) {
      backward_weights_.bind(DNNL_ARG_DIFF_BIAS, bias_desc(), library(), diff_bias_.data());
    }
    backward_weights_.bind_scratch(pd.scratchpad_desc(), library());
  }

  const dnnl::engine& library() { return engine_.library().engine; }
  // No dimensions where there is no bias: how the library is told.
  onednn::Desc bias_desc() const;

  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;

 private:
  onednn::KernelShape shape_;
  bool has_bias_;
  bool masks_;
  bool shares_weights_ = false;
  Buffer bias_;  // padded with zeros, as all channels are
  Buffer diff_bias_;
  PackedWeights weights_;
  PackedWeights weights_backward_;
  PackedWeights diff_weights_;
  onednn::Bound forward_;
  onednn::Bound backward_data_;
  onednn::Bound backward_weights_;
};

}  // namespace tailor::internal
