#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/ops/op.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

#include "tailor/core/target/begin.hpp"
#include "tailor/ops/own/simd.hpp"

namespace tailor::internal::TAILOR_TARGET {

namespace {

// One image of `c` channels into a plain tensor: [channel][row][column].
template <typename T>
void read_plain(const std::uint8_t* image, std::size_t plane, int c, float scale, float offset,
                T* out) {
  for (int channel = 0; channel < c; ++channel) {
    for (std::size_t i = 0; i < plane; ++i) {
      simd::from_float(float(image[i * std::size_t(c) + std::size_t(channel)]) * scale + offset,
                       out[std::size_t(channel) * plane + i]);
    }
  }
}

// The same for one channel, whose bytes lie in order already: 16 at a time.
template <typename T>
void read_gray(const std::uint8_t* image, std::size_t plane, float scale, float offset, T* out) {
  constexpr std::size_t kLanes = 16;
  using Lanes = simd::Lanes<kLanes>;
  std::size_t i = 0;
  for (; i + kLanes <= plane; i += kLanes) {
    typename Lanes::B bytes;
    std::memcpy(&bytes, image + i, sizeof(bytes));
    const auto values = __builtin_convertvector(bytes, typename Lanes::F);
    simd::store<kLanes>(out + i, values * scale + offset);
  }
  read_plain(image + i, plane - i, 1, scale, offset, out + i);
}

// The same into a blocked one, with zeros in its padded lanes.
template <typename T>
void read_blocked(const std::uint8_t* image, std::size_t plane, int c, int lanes, float scale,
                  float offset, T* out) {
  if (c % lanes != 0) {
    std::fill_n(out + std::size_t(c / lanes) * plane * std::size_t(lanes),
                plane * std::size_t(lanes), T{});
  }
  for (int channel = 0; channel < c; ++channel) {
    T* block = out + std::size_t(channel / lanes) * plane * std::size_t(lanes) + channel % lanes;
    for (std::size_t i = 0; i < plane; ++i) {
      simd::from_float(float(image[i * std::size_t(c) + std::size_t(channel)]) * scale + offset,
                       block[i * std::size_t(lanes)]);
    }
  }
}

template <typename T>
void read_all(Engine& engine, std::span<const std::uint8_t* const> images, float scale,
              float offset, Tensor& dst, ImageRange range) {
  T* out = simd::values<T>(dst.data);
  const auto read_one = [&](int n) {
    const std::uint8_t* image = images[std::size_t(n)];
    T* to = out + std::size_t(n) * dst.image_size();
    if (dst.layout == Layout::kPlain && dst.shape.channels == 1) {
      read_gray(image, dst.plane(), scale, offset, to);
    } else if (dst.layout == Layout::kPlain) {
      read_plain(image, dst.plane(), dst.shape.channels, scale, offset, to);
    } else {
      read_blocked(image, dst.plane(), dst.shape.channels, dst.lanes, scale, offset, to);
    }
  };
  const int count = range.last - range.first;
  const double microseconds = double(dst.image_size()) * count / 4000;
  share_out_each(engine, microseconds, count, [&](int n, int) { read_one(range.first + n); });
}

}  // namespace

void read_images(Engine& engine, std::span<const std::uint8_t* const> images, double scale,
                 double offset, Tensor& dst, ImageRange range) {
  if (dst.precision == Precision::kF32) {
    read_all<float>(engine, images, float(scale), float(offset), dst, range);
  } else {
    read_all<simd::Bf16>(engine, images, float(scale), float(offset), dst, range);
  }
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
