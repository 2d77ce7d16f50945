#include "tailor/ops/own/f32/dense.hpp"
#include "tailor/ops/library/library_op.hpp"
#include "tailor/ops/own/bf16/ops.hpp"

namespace tailor::internal {

namespace {

using onednn::DenseDescs;
using onednn::Desc;

// dst = kernel * src + bias. A source with rows and columns is read as it lies: Flatten before a
// Dense costs nothing.
class Dense : public LibraryOp {
 public:
  Dense(const DenseConfig& config, const OpContext& c)
      : LibraryOp(c, {config.units, c.src.shape.channels, c.src.shape.height, c.src.shape.width},
                  kMostParts, config.bias, config.relu) {
    const auto kind =
        c.training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
    bind_forward<dnnl::inner_product_forward>(onednn::dense_forward(
        library(), kind, descs(image_parts(), dst_.precision), onednn::attributes()));
    if (!c.training) return;
    make_backward_weights();
    if (src_.has_diff()) {
      const DenseDescs d = descs(image_parts(), dst_.diff_precision);
      bind_backward_data<dnnl::inner_product_backward_data>(
          onednn::dense_backward_data(library(), d, onednn::attributes(), hint(d)));
    }
  }

 private:
  static constexpr int kMostParts = 4;  // each reads all weights

  // Logits are f32 even where their gradient is bf16, so forward and backward see two kinds of dst.
  DenseDescs descs(int parts, Precision dst_precision) const {
    DenseDescs d;
    d.src = onednn::tensor_desc(src_, src_.batch / parts, src_.precision);
    d.dst = onednn::tensor_desc(dst_, dst_.batch / parts, dst_precision);
    auto dims = onednn::dims_of(d.src);
    dims[0] = dst_.channels;
    d.weights = Desc(dims, onednn::type_of(src_.precision), onednn::Tag::any);
    d.bias = bias_desc();
    return d;
  }

  dnnl::inner_product_forward::primitive_desc hint(const DenseDescs& d) {
    return onednn::dense_forward(library(), dnnl::prop_kind::forward_training, d,
                                 onednn::attributes());
  }

  void make_backward_weights() {
    DenseDescs d = descs(gradient_parts(), dst_.diff_precision);
    const auto forward_hint = hint(d);
    d.weights = Desc(onednn::dims_of(d.weights), onednn::Type::f32, onednn::Tag::any);
    bind_backward_weights<dnnl::inner_product_backward_weights>(
        onednn::dense_backward_weights(library(), d, onednn::attributes(), forward_hint));
  }
};

}  // namespace

std::unique_ptr<Op> make_dense(const DenseConfig& config, const OpContext& context) {
  if (config.kernels == Kernels::kLibrary) return std::make_unique<Dense>(config, context);
  if (auto own = bf16::make_dense(config, context)) return own;
  if (auto own = f32::make_dense(config, context)) return own;
  return std::make_unique<Dense>(config, context);
}

}  // namespace tailor::internal
