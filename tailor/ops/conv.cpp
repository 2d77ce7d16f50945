#include "tailor/ops/library/library_op.hpp"
#include "tailor/ops/own/bf16/ops.hpp"
#include "tailor/ops/own/direct_conv.hpp"
#include "tailor/ops/own/f32/first_conv.hpp"
#include "tailor/ops/own/f32/winograd/winograd.hpp"

namespace tailor::internal {

namespace {

using onednn::ConvDescs;
using onednn::Desc;
using onednn::Tag;
using onednn::Type;

bool is_reference(const std::string& implementation) {
  return implementation.find("ref") != std::string::npos;
}

// The library's own f32 Winograd, for what ours leave or when those are not wanted: forward and
// backward-data 1.4 to 2 times faster than direct on Zen 4. It loses for few input channels, and
// its backward-weights gain nothing.
bool winograd_pays(const ConvConfig& c, const Tensor& src) {
  return src.precision == Precision::kF32 && src.lanes == 16 && c.kernel_h == 3 &&
         c.kernel_w == 3 && c.stride_h == 1 && c.stride_w == 1 && src.channels >= 16;
}

// A 1 x 1 map is two-dimensional to the rest of a plan, never to a convolution.
Desc desc_4d(const Tensor& t, int images) {
  const Tag tag = t.layout == Layout::kPlain ? Tag::nchw
                  : t.lanes == 16            ? Tag::nChw16c
                                             : Tag::nChw8c;
  return Desc({images, t.channels, t.shape.height, t.shape.width}, onednn::type_of(t.precision),
              tag);
}

class Conv : public LibraryOp {
 public:
  Conv(const ConvConfig& config, const OpContext& c)
      : LibraryOp(c, {config.filters, c.src.shape.channels, config.kernel_h, config.kernel_w},
                  kMostParts, config.bias, config.relu),
        config_(config) {
    make_forward(c.training ? dnnl::prop_kind::forward_training
                            : dnnl::prop_kind::forward_inference);
    if (!c.training) return;
    make_backward_weights();
    if (src_.has_diff()) make_backward_data();
  }

  // Whether one of its kernels is of those that only show what is right.
  bool has_reference_kernel() const {
    return is_reference(implementation(OpPhase::kForward)) ||
           is_reference(implementation(OpPhase::kBackwardWeights)) ||
           is_reference(implementation(OpPhase::kBackwardData));
  }

 private:
  static constexpr int kMostParts = 16;

  ConvDescs descs(int parts) const {
    ConvDescs d;
    d.src = desc_4d(src_, src_.batch / parts);
    d.dst = desc_4d(dst_, dst_.batch / parts);
    d.weights = Desc({dst_.channels, src_.channels, config_.kernel_h, config_.kernel_w},
                     onednn::type_of(src_.precision), Tag::any);
    d.bias = bias_desc();
    d.strides = {config_.stride_h, config_.stride_w};
    d.pad_before = {config_.pad.top, config_.pad.left};
    d.pad_after = {config_.pad.bottom, config_.pad.right};
    return d;
  }

  dnnl::convolution_forward::primitive_desc hint(const ConvDescs& d) {
    return onednn::conv_forward(library(), dnnl::prop_kind::forward_training, d,
                                onednn::attributes());
  }

  void make_forward(dnnl::prop_kind kind) {
    bind_forward<dnnl::convolution_forward>(
        best<dnnl::convolution_forward>([&](const ConvDescs& d) {
          return onednn::conv_forward(library(), kind, d, onednn::attributes());
        }));
  }

  void make_backward_data() {
    bind_backward_data<dnnl::convolution_backward_data>(
        best<dnnl::convolution_backward_data>([&](const ConvDescs& d) {
          return onednn::conv_backward_data(library(), d, onednn::attributes(), hint(d));
        }));
  }

  void make_backward_weights() {
    ConvDescs d = descs(gradient_parts());
    const auto forward_hint = hint(d);
    d.weights = Desc(onednn::dims_of(d.weights), Type::f32, Tag::any);
    bind_backward_weights<dnnl::convolution_backward_weights>(
        onednn::conv_backward_weights(library(), d, onednn::attributes(), forward_hint));
  }

  // Winograd where it pays and exists, else direct. The library's own "auto" is not the best of
  // them: for one input channel it picked a Winograd kernel 8 times slower than direct.
  template <typename Primitive, typename Make>
  typename Primitive::primitive_desc best(Make make) {
    ConvDescs d = descs(image_parts());
    if (winograd_pays(config_, src_)) {
      try {
        d.algorithm = dnnl::algorithm::convolution_winograd;
        auto pd = make(d);
        if (!is_reference(pd.impl_info_str())) return pd;
      } catch (const dnnl::error& error) {  // not for this shape or CPU
        onednn::expect_no_kernel(error);
      }
    }
    d.algorithm = dnnl::algorithm::convolution_direct;
    return make(d);
  }

  ConvConfig config_;
};

// The library's, or null where it has no fast kernel.
std::unique_ptr<Op> make_library_conv(const ConvConfig& config, const OpContext& context) {
  try {
    auto conv = std::make_unique<Conv>(config, context);
    if (!conv->has_reference_kernel()) return conv;
  } catch (const dnnl::error& error) {  // no kernel at all
    onednn::expect_no_kernel(error);
  }
  return nullptr;
}

bool library_fits(Engine& engine, const ConvConfig& config, const ConvSite& site) {
  if (config.pools) return false;
  Tensor src(site.src, site.batch, site.layout, site.precision, engine.lanes(),
             site.training && site.differentiates_data);
  Tensor dst(output_shape(config, site.src), site.batch, Layout::kBlocked, site.precision,
             engine.lanes(), site.training);
  return make_library_conv(config, {engine, src, dst, site.training, false, false}) != nullptr;
}

// Whether make_conv() has a fast kernel of ours for it.
bool own_fits(const ConvConfig& c, const ConvSite& site) {
  if (c.kernels == Kernels::kLibrary) return false;
  if (site.layout == Layout::kPlain) {
    return bf16::first_conv_fits(c, site.src, site.precision) ||
           f32::first_conv_fits(c, site.src, site.precision);
  }
  return bf16::winograd_fits(c, site.src, site.layout, site.precision) ||
         f32::winograd_fits(c, site.src, site.layout, site.precision);
}

}  // namespace

std::unique_ptr<Op> make_conv(const ConvConfig& config, const OpContext& context) {
  if (config.kernels == Kernels::kOwn) {
    if (auto own = bf16::make_winograd_conv(config, context)) return own;
    if (auto own = f32::make_winograd_conv(config, context)) return own;
    if (auto own = bf16::make_first_conv(config, context)) return own;
    if (auto own = f32::make_first_conv(config, context)) return own;
  }
  if (auto library = make_library_conv(config, context)) return library;
  return make_direct_conv(config, context);
}

bool conv_reads_plain(Engine& engine, const ConvConfig& config, ConvSite site) {
  site.layout = Layout::kPlain;
  site.differentiates_data = false;
  if (site.src.channels != 1 && site.src.channels != 3) return false;
  return own_fits(config, site) || library_fits(engine, config, site);
}

bool conv_takes_padding(Engine& engine, const ConvConfig& config, const ConvSite& site) {
  if (config.pad == Padding2D{} || own_fits(config, site) || library_fits(engine, config, site)) {
    return true;
  }
  const Padding2D& pad = config.pad;
  ConvConfig inside = config;
  inside.pad = {};
  ConvSite padded = site;
  padded.src.height += pad.top + pad.bottom;
  padded.src.width += pad.left + pad.right;
  return !library_fits(engine, inside, padded);
}

bool conv_pools(const ConvConfig& config, const ConvSite& site) {
  ConvConfig pooled = config;
  pooled.pools = true;
  return own_fits(pooled, site);
}

}  // namespace tailor::internal
