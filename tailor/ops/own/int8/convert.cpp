// Between f32 and bytes, and images into a plan.
#include <algorithm>
#include <cmath>
#include <limits>

#include "tailor/ops/own/int8/int8.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

namespace tailor::internal::int8 {

namespace {

// One image; Byte is std::uint8_t or std::int8_t.
template <typename Byte>
void to_bytes(const float* in, const Tensor& src, float scale, Byte* out) {
  const std::size_t plane = src.plane();
  const auto lanes = std::size_t(src.lanes);
  const float inverse = 1 / scale;
  constexpr auto kLeast = float(std::numeric_limits<Byte>::min());
  constexpr auto kMost = float(std::numeric_limits<Byte>::max());
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t block = 0; block < std::size_t(src.blocks()); ++block) {
      const float* from = in + (block * plane + i) * lanes;
      for (std::size_t l = 0; l < lanes; ++l) {
        const float v = std::nearbyint(from[l] * inverse);
        *out++ = Byte(v > kLeast ? std::min(v, kMost) : kLeast);  // kLeast: what is no number, too
      }
    }
  }
}

template <typename Byte>
void to_floats(const Byte* in, const Tensor& src, float* out, const Tensor& dst) {
  const std::size_t plane = src.plane();
  const auto lanes = std::size_t(dst.lanes);
  const auto channels = std::size_t(src.channels);
  if (src.channels < dst.channels) std::fill_n(out, dst.image_size(), 0.f);  // images
  for (std::size_t block = 0; block * lanes < channels; ++block) {
    const std::size_t width = std::min(lanes, channels - block * lanes);
    for (std::size_t i = 0; i < plane; ++i) {
      const Byte* from = in + i * channels + block * lanes;
      float* to = out + (block * plane + i) * lanes;
      for (std::size_t l = 0; l < width; ++l) to[l] = src.scale() * float(from[l]);
    }
  }
}

class Conversion : public Op {
 public:
  Conversion(Engine& engine, Tensor& src, Tensor& dst) : engine_(engine), src_(src), dst_(dst) {}

  void forward(const StepContext&) override {
    const bool narrows = dst_.precision == Precision::kInt8;
    if (narrows ? dst_.is_signed : src_.is_signed) {
      convert<std::int8_t>(narrows);
    } else {
      convert<std::uint8_t>(narrows);
    }
  }
  BufferUses uses() override { return {{&src_.data, &dst_.data}, {}}; }

 private:
  template <typename Byte>
  void convert(bool narrows) {
    share_out_each(engine_, double(src_.size()) / 2000, src_.batch, [&](int n, int) {
      const std::size_t at_src = std::size_t(n) * src_.image_size();
      const std::size_t at_dst = std::size_t(n) * dst_.image_size();
      if (narrows) {
        to_bytes(simd::values<float>(src_.data) + at_src, src_, dst_.scale(),
                 simd::values<Byte>(dst_.data) + at_dst);
      } else {
        to_floats(simd::values<Byte>(src_.data) + at_src, src_,
                  simd::values<float>(dst_.data) + at_dst, dst_);
      }
    });
  }

  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;
};

}  // namespace

std::unique_ptr<Op> make_conversion(Engine& engine, Tensor& src, Tensor& dst) {
  return std::make_unique<Conversion>(engine, src, dst);
}

void copy_images(Engine& engine, std::span<const std::uint8_t* const> images, Tensor& dst) {
  auto* out = simd::values<std::uint8_t>(dst.data);
  const std::size_t bytes = dst.image_size();
  share_out_each(engine, double(dst.size()) / 10000, dst.batch, [&](int n, int) {
    std::copy_n(images[std::size_t(n)], bytes, out + std::size_t(n) * bytes);
  });
}

}  // namespace tailor::internal::int8
