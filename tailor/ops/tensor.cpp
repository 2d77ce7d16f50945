#include "tailor/ops/tensor.hpp"

namespace tailor {

Tensor::Tensor(const Shape& logical, int images, Layout memory, Precision values, int vector_lanes,
               bool with_diff)
    : shape(logical),
      batch(images),
      layout(memory),
      precision(values),
      diff_precision(values),
      lanes(memory == Layout::kPlain ? 1 : vector_lanes),
      channels((logical.channels + lanes - 1) / lanes * lanes) {
  data = Buffer(size() * value_bytes(precision));
  if (with_diff) diff = Buffer(size() * value_bytes(precision));
}

void Tensor::widen_data() {
  precision = Precision::kF32;
  data = Buffer(size() * value_bytes(precision));
}

}  // namespace tailor
