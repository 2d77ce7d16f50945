// Convolutions, dense layers and max pooling in bytes, by the library.
#include <algorithm>
#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/ops/library/onednn.hpp"
#include "tailor/ops/own/int8/int8.hpp"
#include "tailor/ops/own/values.hpp"

namespace tailor::internal::int8 {

namespace {

using onednn::Desc;
using onednn::KernelShape;
using onednn::Tag;
using onednn::Type;

Type type_of(const Tensor& t) {
  if (t.precision != Precision::kInt8) return Type::f32;
  return t.is_signed ? Type::s8 : Type::u8;
}

Desc images_desc(const Tensor& t) {
  return Desc({t.batch, t.channels, t.shape.height, t.shape.width}, type_of(t), Tag::nhwc);
}

// As a dense layer sees it: {batch, channels} for 1 x 1 maps.
Desc rows_desc(const Tensor& t) {
  return t.plane() == 1 ? Desc({t.batch, t.channels}, type_of(t), Tag::nc) : images_desc(t);
}

// dst = kernel * src + bias, rounded to the bytes of dst.
class Weighted : public Op {
 public:
  Weighted(const ConvConfig& config, const OpContext& c)
      : Weighted(c, {config.filters, c.src.shape.channels, config.kernel_h, config.kernel_w},
                 {1, c.dst.channels, 1, 1}) {
    const onednn::ConvDescs descs = {.src = images_desc(src_),
                                     .weights = kernel_desc(4, Tag::any),
                                     .bias = bias_desc(),
                                     .dst = images_desc(dst_),
                                     .strides = {config.stride_h, config.stride_w},
                                     .pad_before = {config.pad.top, config.pad.left},
                                     .pad_after = {config.pad.bottom, config.pad.right}};
    bind_forward<dnnl::convolution_forward>(
        onednn::conv_forward(library(), dnnl::prop_kind::forward_inference, descs,
                             onednn::scaled_attributes(factors_desc_)));
  }

  Weighted(const DenseConfig& config, const OpContext& c)
      : Weighted(c, {config.units, c.src.shape.channels, c.src.shape.height, c.src.shape.width},
                 {1, c.dst.channels}) {
    const int dims = src_.plane() == 1 ? 2 : 4;
    const onednn::DenseDescs descs = {.src = rows_desc(src_),
                                      .weights = kernel_desc(dims, Tag::any),
                                      .bias = bias_desc(),
                                      .dst = rows_desc(dst_)};
    bind_forward<dnnl::inner_product_forward>(
        onednn::dense_forward(library(), dnnl::prop_kind::forward_inference, descs,
                              onednn::scaled_attributes(factors_desc_)));
  }

  bool has_weights() const override { return true; }
  void forward(const StepContext&) override { forward_.run(engine_, scratch_); }
  std::string implementation(OpPhase phase) const override {
    return phase == OpPhase::kForward ? forward_.implementation() : Op::implementation(phase);
  }
  BufferUses uses() override { return {{&src_.data, &dst_.data}, {}}; }
  std::size_t memory_bytes() const override {
    return plain_.bytes() + packed_.bytes() + bias_.bytes() + factors_.bytes();
  }
  std::size_t scratch_bytes() const override {
    return std::max(forward_.scratch_bytes(), pack_.scratch_bytes());
  }
  void bind(const Scratch& scratch) override {
    scratch_ = scratch.of(0);
    forward_.place();
  }

  void load(const ParamSpans& p) override {
    const std::size_t inputs = shape_.size() / std::size_t(shape_.out);
    const float dst_scale = dst_.precision == Precision::kInt8 ? dst_.scale() : 1;
    for (int o = 0; o < shape_.out; ++o) {
      const auto row = p.kernel.subspan(std::size_t(o) * inputs, inputs);
      const float unit = src_.scale() * quantize(row, o);  // what 1 in the sum stands for
      factors_.floats()[std::size_t(o)] = unit / dst_scale;
      bias_.floats()[std::size_t(o)] = p.bias.empty() ? 0 : p.bias[std::size_t(o)] / unit;
    }
    pack_.run(engine_, scratch_);
  }

 private:
  Weighted(const OpContext& c, const KernelShape& shape, const onednn::Dims& factors)
      : engine_(c.engine),
        src_(c.src),
        dst_(c.dst),
        shape_(shape),
        factors_desc_(factors, Type::f32, factors.size() == 4 ? Tag::nhwc : Tag::nc),
        bias_(std::size_t(dst_.channels) * sizeof(float)),
        factors_(bias_.bytes()) {}

  const dnnl::engine& library() { return engine_.library().engine; }
  Desc bias_desc() const { return Desc({dst_.channels}, Type::f32, Tag::x); }
  Desc kernel_desc(int dims, Tag tag) const {
    if (dims == 2) return Desc({dst_.channels, src_.channels}, Type::s8, tag);
    return Desc({dst_.channels, src_.channels, shape_.height, shape_.width}, Type::s8, tag);
  }

  template <typename Primitive>
  void bind_forward(const typename Primitive::primitive_desc& pd) {
    const Desc plain =
        kernel_desc(int(onednn::dims_of(pd.weights_desc()).size()),
                    onednn::dims_of(pd.weights_desc()).size() == 2 ? Tag::ab : Tag::abcd);
    plain_ = Buffer(plain.get_size());
    packed_ = Buffer(pd.weights_desc().get_size());
    const dnnl::reorder::primitive_desc reorder(library(), plain, library(), pd.weights_desc(),
                                                onednn::attributes());
    pack_ = onednn::Bound(dnnl::reorder(reorder), reorder.impl_info_str());
    pack_.bind(DNNL_ARG_FROM, plain, library(), plain_.data());
    pack_.bind(DNNL_ARG_TO, pd.weights_desc(), library(), packed_.data());
    pack_.bind_scratch(reorder.scratchpad_desc(), library());
    forward_ = onednn::Bound(Primitive(pd), pd.impl_info_str());
    forward_.bind_later(DNNL_ARG_SRC, pd.src_desc(), library(), src_.data);
    forward_.bind(DNNL_ARG_WEIGHTS, pd.weights_desc(), library(), packed_.data());
    forward_.bind(DNNL_ARG_BIAS, bias_desc(), library(), bias_.data());
    forward_.bind(DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, factors_desc_, library(),
                  factors_.data());
    forward_.bind_later(DNNL_ARG_DST, pd.dst_desc(), library(), dst_.data);
    forward_.bind_scratch(pd.scratchpad_desc(), library());
  }

  // One output's weights into plain_, whose channels are padded; returns their scale.
  float quantize(std::span<const float> row, int output) {
    float largest = 0;
    for (const float w : row) largest = std::max(largest, std::abs(w));
    const float scale = largest > 0 ? largest / 127 : 1;
    const std::size_t padded = std::size_t(src_.channels) * shape_.height * shape_.width;
    auto* to = simd::values<std::int8_t>(plain_) + std::size_t(output) * padded;
    for (std::size_t i = 0; i < row.size(); ++i) to[i] = std::int8_t(std::lrint(row[i] / scale));
    return scale;
  }

  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;
  KernelShape shape_;
  Desc factors_desc_;
  Buffer plain_;   // s8 [out][in][row][column], channels padded
  Buffer packed_;  // as the library wants it
  Buffer bias_;    // in units of the sum
  Buffer factors_;
  onednn::Bound pack_;
  onednn::Bound forward_;
  void* scratch_ = nullptr;
};

class MaxPool : public Op {
 public:
  MaxPool(const PoolConfig& config, const OpContext& c)
      : engine_(c.engine), src_(c.src), dst_(c.dst) {
    const auto& library = engine_.library().engine;
    const auto pd =
        onednn::max_pool_forward(library, {.src = images_desc(src_),
                                           .dst = images_desc(dst_),
                                           .strides = {config.stride_h, config.stride_w},
                                           .window = {config.window_h, config.window_w},
                                           .pad_before = {config.pad.top, config.pad.left},
                                           .pad_after = {config.pad.bottom, config.pad.right}});
    forward_ = onednn::Bound(dnnl::pooling_forward(pd), pd.impl_info_str());
    forward_.bind_later(DNNL_ARG_SRC, pd.src_desc(), library, src_.data);
    forward_.bind_later(DNNL_ARG_DST, pd.dst_desc(), library, dst_.data);
    forward_.bind_scratch(pd.scratchpad_desc(), library);
  }

  void forward(const StepContext&) override { forward_.run(engine_, scratch_); }
  std::string implementation(OpPhase phase) const override {
    return phase == OpPhase::kForward ? forward_.implementation() : Op::implementation(phase);
  }
  BufferUses uses() override { return {{&src_.data, &dst_.data}, {}}; }
  std::size_t scratch_bytes() const override { return forward_.scratch_bytes(); }
  void bind(const Scratch& scratch) override {
    scratch_ = scratch.of(0);
    forward_.place();
  }

 private:
  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;
  onednn::Bound forward_;
  void* scratch_ = nullptr;
};

}  // namespace

std::unique_ptr<Op> make_op(const OpConfig& config, const OpContext& context) {
  if (const auto* conv = std::get_if<ConvConfig>(&config)) {
    return std::make_unique<Weighted>(*conv, context);
  }
  if (const auto* dense = std::get_if<DenseConfig>(&config)) {
    return std::make_unique<Weighted>(*dense, context);
  }
  const auto* pool = std::get_if<PoolConfig>(&config);
  if (pool == nullptr || !pool->max) throw failure("an operation that has no int8 kernel");
  return std::make_unique<MaxPool>(*pool, context);
}

bool fits(const OpConfig& config, const OpContext& context) {
  const auto* pool = std::get_if<PoolConfig>(&config);
  const bool known = std::holds_alternative<ConvConfig>(config) ||
                     std::holds_alternative<DenseConfig>(config) || (pool != nullptr && pool->max);
  if (!known) return false;
  try {
    return int8::make_op(config, context)->implementation(OpPhase::kForward).find("ref") ==
           std::string::npos;
  } catch (const dnnl::error& error) {  // the library has none at all
    onednn::expect_no_kernel(error);
    return false;
  }
}

}  // namespace tailor::internal::int8
