#include "tailor/ops/own/bf16/dense.hpp"

#include <algorithm>

#include "tailor/ops/own/bf16/begin.hpp"

#include "tailor/ops/own/bf16/transpose.hpp"
#include "tailor/ops/own/bf16/vectors.hpp"

namespace tailor::internal::bf16 {
namespace {

constexpr int kRows = 8;
constexpr int kOutputsPerShare = 64;

// kRows x (kBlocks x 16) sums over pairs: rows are `stride` pairs apart, columns a packed panel of
// (kBlocks x 16) pairs. Few rows are few sums, and a sum waits for the one before it: kChains of
// them run side by side then.
template <int kHeight, int kBlocks>
TAILOR_KERNEL void multiply(const std::uint32_t* rows, std::size_t stride, const Bf16* panel,
                            int pairs, __m512 (&sums)[kHeight][kBlocks]) {
  constexpr int kChains = kHeight * kBlocks >= 8 ? 1 : kHeight * kBlocks >= 4 ? 2 : 4;
  __m512 c[kChains][kHeight][kBlocks];
#pragma GCC unroll 4
  for (auto& chain : c) {
#pragma GCC unroll 8
    for (auto& row : chain) {
#pragma GCC unroll 2
      for (auto& sum : row) sum = _mm512_setzero_ps();
    }
  }
  const auto add = [&](__m512(&to)[kHeight][kBlocks], int p) __attribute__((always_inline)) {
    __m512bh b[kBlocks];
#pragma GCC unroll 2
    for (int o = 0; o < kBlocks; ++o) {
      b[o] = (__m512bh)_mm512_loadu_si512(panel + (std::size_t(p) * kBlocks + o) * 32);
    }
#pragma GCC unroll 8
    for (int r = 0; r < kHeight; ++r) {
      const auto a = (__m512bh)_mm512_set1_epi32(int(rows[r * stride + p]));
#pragma GCC unroll 2
      for (int o = 0; o < kBlocks; ++o) to[r][o] = _mm512_dpbf16_ps(to[r][o], b[o], a);
    }
  };
  int p = 0;
  for (; p + kChains <= pairs; p += kChains) {
#pragma GCC unroll 4
    for (int k = 0; k < kChains; ++k) add(c[k], p + k);
  }
  for (; p < pairs; ++p) add(c[0], p);
#pragma GCC unroll 8
  for (int r = 0; r < kHeight; ++r) {
#pragma GCC unroll 2
    for (int o = 0; o < kBlocks; ++o) {
      sums[r][o] = c[0][r][o];
      if (kChains == 2) sums[r][o] = c[0][r][o] + c[kChains - 1][r][o];
      if (kChains == 4) {
        sums[r][o] =
            (c[0][r][o] + c[1 % kChains][r][o]) + (c[2 % kChains][r][o] + c[3 % kChains][r][o]);
      }
    }
  }
}

// Calls body.template operator()<height>(row) for rows 0..count-1 in steps of 8, then 4, 2 and 1.
template <typename Body>
TAILOR_KERNEL void over_rows(int count, Body body) {
  int row = 0;
  for (; row + 8 <= count; row += 8) body.template operator()<8>(row);
  if (row + 4 <= count) body.template operator()<4>(row), row += 4;
  if (row + 2 <= count) body.template operator()<2>(row), row += 2;
  if (row < count) body.template operator()<1>(row);
}

const std::uint32_t* pairs_in(const Bf16* values) {
  return reinterpret_cast<const std::uint32_t*>(values);
}

// One block of `kBlocks` x 16 outputs of `count` images.
template <int kBlocks>
void forward_tile(const DenseShape& s, const DenseForwardArgs& a, int image, int count, int block) {
  const int pairs = int(s.inputs() / 2);
  const Bf16* panel = a.ahead + std::size_t(block) * 16 * s.inputs();
  const __m512 least = _mm512_set1_ps(a.relu ? 0.f : -__builtin_inff());
  over_rows(
      count, [&]<int kHeight>(int row) __attribute__((always_inline)) {
        __m512 sums[kHeight][kBlocks];
        multiply<kHeight, kBlocks>(pairs_in(a.src + std::size_t(image + row) * s.inputs()),
                                   s.inputs() / 2, panel, pairs, sums);
        for (int r = 0; r < kHeight; ++r) {
          for (int o = 0; o < kBlocks; ++o) {
            const int first = (block + o) * 16;
            const std::size_t at = std::size_t(image + row + r) * s.outputs() + first;
            __m512 y = sums[r][o];
            if (a.bias != nullptr) y = y + _mm512_loadu_ps(a.bias + first);
            y = _mm512_max_ps(least, y);
            if (a.dst != nullptr) {
              store16(a.dst + at, y);
            } else {
              _mm512_storeu_ps(a.wide_dst + at, y);
            }
          }
        }
      });
}

// Two pixels of a channel block, or a last one.
struct Panel {
  int block, pixel, pixels;
  Panel(const DenseShape& s, int number)
      : block(number / s.panels()),
        pixel(number % s.panels() * 2),
        pixels(std::min(2, s.plane - pixel)) {}
  std::size_t first(const DenseShape& s) const {  // of its inputs
    return (std::size_t(block) * s.plane + pixel) * 16;
  }
};

template <int kBlocks>
void backward_panel(const DenseShape& s, const Bf16* diff, const Bf16* panel, Bf16* to) {
  over_rows(
      s.batch, [&]<int kHeight>(int row) __attribute__((always_inline)) {
        __m512 sums[kHeight][kBlocks];
        multiply<kHeight, kBlocks>(pairs_in(diff + std::size_t(row) * s.outputs()), s.outputs() / 2,
                                   panel, int(s.outputs() / 2), sums);
        for (int r = 0; r < kHeight; ++r) {
          for (int o = 0; o < kBlocks; ++o) {
            store16(to + std::size_t(row + r) * s.inputs() + o * 16, sums[r][o]);
          }
        }
      });
}

// Images in pairs of a panel's inputs: [pair][kBlocks x 16][2].
template <int kBlocks>
void pair_images(const DenseShape& s, const Bf16* src, Bf16* to) {
  for (int p = 0; p < s.image_pairs(); ++p) {
    const Bf16* first = src + std::size_t(2 * p) * s.inputs();
    const Bf16* second = 2 * p + 1 < s.batch ? first + s.inputs() : nullptr;
    for (int o = 0; o < kBlocks; ++o) {
      _mm512_store_si512(to + (p * kBlocks + o) * 32,
                         pairs_of(first + o * 16, second == nullptr ? nullptr : second + o * 16));
    }
  }
}

// The gradient of `outputs` x a panel's inputs, to sums[output][pixel][16].
template <int kBlocks>
void gradient_panel(const DenseShape& s, const Bf16* images, const std::uint32_t* turned,
                    int outputs, float* sums) {
  const std::size_t stride = std::size_t(dense_turned_stride(s));
  over_rows(
      outputs, [&]<int kHeight>(int row) __attribute__((always_inline)) {
        __m512 c[kHeight][kBlocks];
        multiply<kHeight, kBlocks>(turned + row * stride, stride, images, s.image_pairs(), c);
        for (int r = 0; r < kHeight; ++r) {
          for (int o = 0; o < kBlocks; ++o) {
            _mm512_storeu_ps(sums + (std::size_t(row + r) * s.plane + o) * 16, c[r][o]);
          }
        }
      });
}

// [pixel][16 channels] and [channel][pixel], 16 pixels at a time. `kernel`: the first of
// `channels`.
void to_pixels(const float* kernel, int plane, int channels, Bf16* to) {
  const __m512 zero = _mm512_setzero_ps();
  for (int p = 0; p < plane; p += 16) {
    const __mmask16 lanes = first_lanes(plane - p);
    __m512i r[16];
#pragma GCC unroll 16
    for (int c = 0; c < 16; ++c) {
      r[c] = _mm512_castps_si512(
          c < channels ? _mm512_maskz_loadu_ps(lanes, kernel + std::size_t(c) * plane + p) : zero);
    }
    transpose16(r);
    const int count = std::min(16, plane - p);
    for (int k = 0; k < count; ++k) store16(to + (p + k) * 16, _mm512_castsi512_ps(r[k]));
  }
}

void to_channels(const float* sums, int plane, int channels, float* kernel) {
  for (int p = 0; p < plane; p += 16) {
    const int count = std::min(16, plane - p);
    __m512i r[16];
#pragma GCC unroll 16
    for (int k = 0; k < 16; ++k) {
      r[k] = k < count ? _mm512_loadu_si512(sums + (p + k) * 16) : _mm512_setzero_si512();
    }
    transpose16(r);
    const __mmask16 lanes = first_lanes(count);
    for (int c = 0; c < channels; ++c) {
      _mm512_mask_storeu_epi32(kernel + std::size_t(c) * plane + p, lanes, r[c]);
    }
  }
}

// The same for flat inputs, whose order is the kernel's already.
void to_flat(const float* kernel, int channels, Bf16* to) {
  store16(to, _mm512_maskz_loadu_ps(first_lanes(channels), kernel));
}

}  // namespace

int dense_pack_shares(const DenseShape& s) {
  return s.out_blocks() * s.in_blocks();
}

std::size_t dense_pack_scratch_bytes(const DenseShape& s) {
  return std::size_t(16) * (s.plane + 1) * 16 * sizeof(Bf16);
}

namespace {

// values[16 outputs][pixel][16 channels] to `ahead`: pairs of channels of 16 outputs side by side.
void pack_ahead(const DenseShape& s, const Bf16* values, int out_block, int in_block, Bf16* ahead) {
  const bool alone = s.out_blocks() % 2 == 1 && out_block == s.out_blocks() - 1;
  const std::size_t next_pair = alone ? 32 : 64;
  const std::size_t next_output = std::size_t(s.plane + 1) * 16;
  Bf16* to = ahead + std::size_t(out_block / 2) * 32 * s.inputs() +
             (alone ? 0 : std::size_t(out_block % 2) * 32) +
             std::size_t(in_block) * s.plane * 8 * next_pair;
  for (int p = 0; p < s.plane; p += 2, to += 16 * next_pair) {
    __m512i r[16];
#pragma GCC unroll 16
    for (int o = 0; o < 16; ++o) r[o] = _mm512_loadu_si512(values + o * next_output + p * 16);
    transpose16(r);
    const int pairs = std::min(2, s.plane - p) * 8;
    for (int k = 0; k < pairs; ++k) _mm512_storeu_si512(to + k * next_pair, r[k]);
  }
}

// The same to `back`: pairs of outputs of a panel's inputs.
void pack_back(const DenseShape& s, const Bf16* values, int out_block, int in_block, Bf16* back) {
  const std::size_t next_output = std::size_t(s.plane + 1) * 16;
  for (int p = 0; p < s.plane; ++p) {
    const bool alone = p % 2 == 0 && p + 1 == s.plane;
    const std::size_t next_pair = alone ? 32 : 64;
    Bf16* to = back + (std::size_t(in_block) * s.plane + p / 2 * 2) * 16 * s.outputs() +
               std::size_t(p % 2) * 32 + std::size_t(out_block) * 8 * next_pair;
    for (int o = 0; o < 16; o += 2, to += next_pair) {
      const Bf16* from = values + o * next_output + p * 16;
      _mm512_storeu_si512(to, pairs_of(from, from + next_output));
    }
  }
}

}  // namespace

void dense_pack(const DenseShape& s, const float* kernel, int share, Bf16* ahead, Bf16* back,
                void* scratch) {
  const int out_block = share / s.in_blocks();
  const int in_block = share % s.in_blocks();
  const std::size_t next_output = std::size_t(s.plane + 1) * 16;  // a spare pixel for the last pair
  auto* values = static_cast<Bf16*>(scratch);
  const int channels = std::min(16, s.in_channels - in_block * 16);
  for (int lane = 0; lane < 16; ++lane) {
    const int o = out_block * 16 + lane;
    const float* from =
        kernel +
        (std::size_t(std::min(o, s.out_channels - 1)) * s.in_channels + in_block * 16) * s.plane;
    const int existing = o < s.out_channels ? channels : 0;
    if (s.plane == 1) {
      to_flat(from, existing, values + lane * next_output);
    } else {
      to_pixels(from, s.plane, existing, values + lane * next_output);
    }
  }
  pack_ahead(s, values, out_block, in_block, ahead);
  if (back != nullptr) pack_back(s, values, out_block, in_block, back);
}

int dense_forward_tiles(const DenseShape& s) {
  return (s.batch + kRows - 1) / kRows * ((s.out_blocks() + 1) / 2);
}

void dense_forward(const DenseShape& s, const DenseForwardArgs& a, int first, int last) {
  const int rows = (s.batch + kRows - 1) / kRows;
  for (int tile = first; tile < last; ++tile) {
    const int block = tile / rows * 2;
    const int image = tile % rows * kRows;
    const int count = std::min(kRows, s.batch - image);
    if (block + 1 < s.out_blocks()) {
      forward_tile<2>(s, a, image, count, block);
    } else {
      forward_tile<1>(s, a, image, count, block);
    }
  }
}

void dense_backward_data(const DenseShape& s, const Bf16* diff, const Bf16* back, Bf16* diff_src,
                         int first_panel, int last_panel) {
  for (int number = first_panel; number < last_panel; ++number) {
    const Panel panel(s, number);
    const Bf16* weights = back + panel.first(s) * s.outputs();
    if (panel.pixels == 2) {
      backward_panel<2>(s, diff, weights, diff_src + panel.first(s));
    } else {
      backward_panel<1>(s, diff, weights, diff_src + panel.first(s));
    }
  }
}

void dense_turn(const DenseShape& s, const Bf16* diff, int first_block, int last_block,
                std::uint32_t* turned, float* bias) {
  const int stride = dense_turned_stride(s);
  const auto one = (__m512bh)_mm512_set1_epi16(0x3f80);
  for (int block = first_block; block < last_block; ++block) {
    __m512 sum = _mm512_setzero_ps();
    for (int p = 0; p < stride; p += 16) {
      __m512i r[16];
      for (int k = 0; k < 16; ++k) {
        const int image = 2 * (p + k);
        const Bf16* from = diff + std::size_t(image) * s.outputs() + block * 16;
        r[k] = image >= s.batch
                   ? _mm512_setzero_si512()
                   : pairs_of(from, image + 1 < s.batch ? from + s.outputs() : nullptr);
        sum = _mm512_dpbf16_ps(sum, (__m512bh)r[k], one);
      }
      transpose16(r);
      for (int o = 0; o < 16; ++o) {
        _mm512_storeu_si512(turned + std::size_t(block * 16 + o) * stride + p, r[o]);
      }
    }
    if (bias != nullptr) _mm512_storeu_ps(bias + block * 16, sum);
  }
}

int dense_gradient_shares(const DenseShape& s) {
  return s.in_blocks() * ((s.out_channels + kOutputsPerShare - 1) / kOutputsPerShare);
}

std::size_t dense_gradient_scratch_bytes(const DenseShape& s) {
  return std::size_t(kOutputsPerShare) * s.plane * 16 * sizeof(float) +
         std::size_t(s.image_pairs()) * 128;
}

void dense_gradient(const DenseShape& s, const Bf16* src, const std::uint32_t* turned, int share,
                    float* kernel, void* scratch) {
  const int block = share % s.in_blocks();
  const int first = share / s.in_blocks() * kOutputsPerShare;
  const int outputs = std::min(kOutputsPerShare, s.out_channels - first);
  auto* images = static_cast<Bf16*>(scratch);
  auto* sums = reinterpret_cast<float*>(images + std::size_t(s.image_pairs()) * 64);
  const std::uint32_t* rows = turned + std::size_t(first) * dense_turned_stride(s);
  for (int p = 0; p < s.panels(); ++p) {
    const Panel panel(s, block * s.panels() + p);
    float* to = sums + std::size_t(panel.pixel) * 16;
    if (panel.pixels == 2) {
      pair_images<2>(s, src + panel.first(s), images);
      gradient_panel<2>(s, images, rows, outputs, to);
    } else {
      pair_images<1>(s, src + panel.first(s), images);
      gradient_panel<1>(s, images, rows, outputs, to);
    }
  }
  const int channels = std::min(16, s.in_channels - block * 16);
  for (int o = 0; o < outputs; ++o) {
    float* to = kernel + (std::size_t(first + o) * s.in_channels + block * 16) * s.plane;
    const float* from = sums + std::size_t(o) * s.plane * 16;
    if (s.plane == 1) {
      _mm512_mask_storeu_ps(to, first_lanes(channels), _mm512_loadu_ps(from));
    } else {
      to_channels(from, s.plane, channels, to);
    }
  }
}

}  // namespace tailor::internal::bf16

#include "tailor/ops/own/bf16/end.hpp"
