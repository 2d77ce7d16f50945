// What a convolution and a dense layer share: three primitives of the library on one kernel and one
// bias. They run on equal parts of the batch, each on one thread: as many parts as the work wants,
// so that no byte of a result depends on the threads there are.
#pragma once

#include <vector>

#include "tailor/ops/library/packed_weights.hpp"
#include "tailor/ops/makers.hpp"

namespace tailor::internal {

class LibraryOp : public Op {
 public:
  bool has_weights() const override { return true; }
  void load(const ParamSpans& params) override;
  void forward(const StepContext&) override { run(forward_, rectifies_); }
  void prepare_backward() override;
  void backward_weights(const GradientSpans& gradients) override;
  void backward_data() override { run(backward_data_, false); }
  Stages stages(OpPhase phase) const override;
  void run_stage(OpPhase phase, int stage, const StepContext& step, int first, int last,
                 int thread) override;
  std::string implementation(OpPhase phase) const override;
  BufferUses uses() override;
  std::size_t memory_bytes() const override;
  std::size_t scratch_bytes() const override;
  void bind(const Scratch& scratch) override;

 protected:
  // `most_parts` of a batch. `relu`: of each part's results, behind the library, whose own makes 0
  // of what is no number; its mask goes over dst.diff before the backward primitives, unless the
  // consumer did that.
  LibraryOp(const OpContext& context, const onednn::KernelShape& shape, int most_parts, bool bias,
            bool relu);

  // Into how many parts. Some images each, or a call costs more than its work; gradients in few,
  // since each part sums its own, as large as the kernel.
  int image_parts() const { return equal_parts(most_parts_); }
  int gradient_parts() const { return equal_parts(kGradientParts); }

  // Each takes the primitive descriptor of Primitive (they share their interface, not a base
  // class), made for the images of one part.
  template <typename Primitive>
  void bind_forward(const typename Primitive::primitive_desc& pd) {
    weights_ = PackedWeights(engine_, pd.weights_desc(), shape_);
    const Primitive primitive(pd);
    for (const onednn::ImagePart part : parts(image_parts())) {
      onednn::Bound& b = forward_.emplace_back(primitive, pd.impl_info_str());
      b.bind_later(DNNL_ARG_SRC, pd.src_desc(), library(), src_.data, part);
      b.bind(DNNL_ARG_WEIGHTS, pd.weights_desc(), library(), weights_.data());
      if (has_bias_) b.bind(DNNL_ARG_BIAS, bias_desc(), library(), bias_.data());
      b.bind_later(DNNL_ARG_DST, pd.dst_desc(), library(), dst_.data, part);
      b.bind_scratch(pd.scratchpad_desc(), library());
    }
  }

  template <typename Primitive>
  void bind_backward_data(const typename Primitive::primitive_desc& pd) {
    shares_weights_ = pd.weights_desc() == weights_.desc();
    if (!shares_weights_) weights_backward_ = PackedWeights(engine_, pd.weights_desc(), shape_);
    PackedWeights& weights = shares_weights_ ? weights_ : weights_backward_;
    const Primitive primitive(pd);
    for (const onednn::ImagePart part : parts(image_parts())) {
      onednn::Bound& b = backward_data_.emplace_back(primitive, pd.impl_info_str());
      b.bind_later(DNNL_ARG_DIFF_DST, pd.diff_dst_desc(), library(), dst_.diff, part);
      b.bind(DNNL_ARG_WEIGHTS, pd.weights_desc(), library(), weights.data());
      b.bind_later(DNNL_ARG_DIFF_SRC, pd.diff_src_desc(), library(), src_.diff, part);
      b.bind_scratch(pd.scratchpad_desc(), library());
    }
  }

  template <typename Primitive>
  void bind_backward_weights(const typename Primitive::primitive_desc& pd) {
    const int copies = gradient_parts();
    diff_weights_ = PackedWeights(engine_, pd.diff_weights_desc(), shape_, copies);
    diff_bias_ = Buffer(bias_.bytes() * std::size_t(copies));
    const Primitive primitive(pd);
    for (const onednn::ImagePart part : parts(copies)) {
      onednn::Bound& b = backward_weights_.emplace_back(primitive, pd.impl_info_str());
      b.bind_later(DNNL_ARG_SRC, pd.src_desc(), library(), src_.data, part);
      b.bind_later(DNNL_ARG_DIFF_DST, pd.diff_dst_desc(), library(), dst_.diff, part);
      b.bind(DNNL_ARG_DIFF_WEIGHTS, pd.diff_weights_desc(), library(),
             diff_weights_.data(part.index));
      if (has_bias_) {
        b.bind(DNNL_ARG_DIFF_BIAS, bias_desc(), library(),
               diff_bias_.floats().data() + std::size_t(part.index) * std::size_t(dst_.channels));
      }
      b.bind_scratch(pd.scratchpad_desc(), library());
    }
  }

  const dnnl::engine& library() { return engine_.library().engine; }
  // No dimensions where there is no bias: how the library is told.
  onednn::Desc bias_desc() const;

  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;

 private:
  static constexpr int kGradientParts = 4;

  int equal_parts(int most) const;
  static std::vector<onednn::ImagePart> parts(int count);
  // What one thread needs for the primitives of one phase.
  double microseconds() const;
  // The parts of a batch are its pieces where there are as many.
  Stages in_their_parts(const std::vector<onednn::Bound>& bound) const;
  void run(std::vector<onednn::Bound>& bound, bool rectifies);
  void run_parts(std::vector<onednn::Bound>& bound, bool rectifies, int first, int last,
                 int thread);
  void finish_gradients(const GradientSpans& gradients);

  onednn::KernelShape shape_;
  int most_parts_;
  bool has_bias_;
  bool rectifies_;
  bool masks_;
  bool shares_weights_ = false;
  Buffer bias_;  // padded with zeros, as all channels are
  Buffer diff_bias_;
  PackedWeights weights_;
  PackedWeights weights_backward_;
  PackedWeights diff_weights_;
  std::vector<onednn::Bound> forward_;
  std::vector<onednn::Bound> backward_data_;
  std::vector<onednn::Bound> backward_weights_;
  Scratch scratch_;
};

}  // namespace tailor::internal
