#include "tailor/ops/tensor.hpp"

#include "tailor/ops/own/values.hpp"

namespace tailor::internal {

Tensor::Tensor(const Shape& logical, int images, Layout memory, Precision values, int vector_lanes,
               bool with_diff)
    : shape(logical),
      batch(images),
      layout(memory),
      precision(values),
      diff_precision(values),
      lanes(memory == Layout::kPlain ? 1 : vector_lanes),
      channels((logical.channels + lanes - 1) / lanes * lanes) {
  data = Buffer::unplaced(size() * value_bytes(precision));
  if (with_diff) diff = Buffer::unplaced(size() * value_bytes(precision));
}

void Tensor::widen_data() {
  precision = Precision::kF32;
  layout = Layout::kBlocked;
  data = Buffer::unplaced(size() * value_bytes(precision));
}

namespace {

void read_bytes(const Tensor& t, int image, std::span<float> out) {
  const std::size_t plane = t.plane();
  const auto channels = std::size_t(t.channels);
  const std::uint8_t* in = simd::values<std::uint8_t>(t.data) + std::size_t(image) * t.image_size();
  for (std::size_t channel = 0; channel < std::size_t(t.shape.channels); ++channel) {
    for (std::size_t i = 0; i < plane; ++i) {
      const std::uint8_t byte = in[i * channels + channel];
      out[channel * plane + i] = t.scale() * float(t.is_signed ? std::int8_t(byte) : int(byte));
    }
  }
}

}  // namespace

void read_values(const Tensor& tensor, int image, std::span<float> out) {
  if (tensor.precision == Precision::kInt8) return read_bytes(tensor, image, out);
  const std::size_t plane = tensor.plane();
  const auto lanes = std::size_t(tensor.lanes);
  const std::size_t first = std::size_t(image) * tensor.image_size();
  for (std::size_t channel = 0; channel < std::size_t(tensor.shape.channels); ++channel) {
    const std::size_t from = first + channel / lanes * lanes * plane + channel % lanes;
    for (std::size_t i = 0; i < plane; ++i) {
      const std::size_t at = from + i * lanes;
      out[channel * plane + i] = tensor.precision == Precision::kF32
                                     ? simd::values<float>(tensor.data)[at]
                                     : simd::to_float(simd::values<simd::Bf16>(tensor.data)[at]);
    }
  }
}

}  // namespace tailor::internal
