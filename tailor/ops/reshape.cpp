#include <algorithm>
#include <vector>

#include "tailor/ops/imagewise_op.hpp"
#include "tailor/ops/makers.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

namespace tailor::internal {

namespace {

// Offset of (channel, row, column) within one image of a tensor.
std::size_t offset(const Tensor& t, int channel, int row, int column) {
  const std::size_t pixel = std::size_t(row) * t.shape.width + column;
  return (std::size_t(channel / t.lanes) * t.plane() + pixel) * t.lanes + channel % t.lanes;
}

// Copies values[i] of every image between two tensors along a fixed table of offsets: padding and
// flattening are both that.
class Rearrange : public ImagewiseOp {
 public:
  Rearrange(const OpContext& c, std::vector<std::uint32_t> src_offsets,
            std::vector<std::uint32_t> dst_offsets)
      : ImagewiseOp(c), at_src_(std::move(src_offsets)), at_dst_(std::move(dst_offsets)) {}

  BufferUses uses() override { return {{&src_.data, &dst_.data}, {&src_.diff, &dst_.diff}}; }
  std::size_t memory_bytes() const override { return (at_src_.size() + at_dst_.size()) * 4; }

 private:
  using Offsets = std::vector<std::uint32_t>;

  // One side of a copy: the values, where those of an image lie, and how many places it has.
  struct Side {
    Buffer& values;
    const Offsets& at;
    std::size_t image;
  };

  void forward_images(const StepContext&, ImageRange images) override {
    copy({src_.data, at_src_, src_.image_size()}, {dst_.data, at_dst_, dst_.image_size()}, images);
  }
  void backward_images(ImageRange images) override {
    copy({dst_.diff, at_dst_, dst_.image_size()}, {src_.diff, at_src_, src_.image_size()}, images);
  }

  void copy(const Side& from, const Side& to, ImageRange images) {
    if (src_.precision == Precision::kF32) {
      copy_typed<float>(from, to, images);
    } else {
      copy_typed<simd::Bf16>(from, to, images);
    }
  }

  template <typename T>
  void copy_typed(const Side& from, const Side& to, ImageRange images) {
    const int count = images.last - images.first;
    share_out_each(engine_, count * double(from.at.size()) / 500, count, [&](int n, int) {
      const auto image = std::size_t(images.first + n);
      const T* in = simd::values<T>(from.values) + image * from.image;
      T* out = simd::values<T>(to.values) + image * to.image;
      if (to.at.size() < to.image) std::fill_n(out, to.image, T{});
      for (std::size_t i = 0; i < from.at.size(); ++i) out[to.at[i]] = in[from.at[i]];
    });
  }

  Offsets at_src_;
  Offsets at_dst_;
};

// Visits every logical value of `shape` in channel, row, column order.
template <typename Visit>
void each_value(const Shape& shape, Visit visit) {
  for (int c = 0; c < shape.channels; ++c)
    for (int y = 0; y < shape.height; ++y)
      for (int x = 0; x < shape.width; ++x) visit(c, y, x);
}

}  // namespace

std::unique_ptr<Op> make_pad(const PadConfig& config, const OpContext& context) {
  std::vector<std::uint32_t> at_src;
  std::vector<std::uint32_t> at_dst;
  each_value(context.src.shape, [&](int c, int y, int x) {
    at_src.push_back(std::uint32_t(offset(context.src, c, y, x)));
    at_dst.push_back(
        std::uint32_t(offset(context.dst, c, y + config.pad.top, x + config.pad.left)));
  });
  return std::make_unique<Rearrange>(context, std::move(at_src), std::move(at_dst));
}

std::unique_ptr<Op> make_flatten(const FlattenConfig&, const OpContext& context) {
  std::vector<std::uint32_t> at_src;
  std::vector<std::uint32_t> at_dst;
  each_value(context.src.shape, [&](int c, int y, int x) {
    at_dst.push_back(std::uint32_t(offset(context.dst, int(at_dst.size()), 0, 0)));
    at_src.push_back(std::uint32_t(offset(context.src, c, y, x)));
  });
  return std::make_unique<Rearrange>(context, std::move(at_src), std::move(at_dst));
}

}  // namespace tailor::internal
