// A kernel's way into the Winograd domain. Included in a target's region only.
#pragma once

#include "tailor/ops/own/f32/winograd/transforms.hpp"

namespace tailor::internal::TAILOR_TARGET::f32 {

// A kernel [outputs][inputs][3][3], seen from either direction.
struct KernelView {
  const float* values = nullptr;
  int outputs = 0, inputs = 0;
  std::size_t next_output = 0, next_input = 0;
  bool turned = false;  // by 180 degrees
};

inline KernelView forward_view(const float* kernel, int out, int in) {
  return {kernel, out, in, std::size_t(in) * 9, 9, false};
}
inline KernelView backward_view(const float* kernel, int out, int in) {
  return {kernel, in, out, 9, std::size_t(in) * 9, true};
}

// U of output blocks first..last-1, padded with zeros to whole blocks.
template <int L>
void pack(const KernelView& k, int first, int last, float* u) {
  const int in_lanes = (k.inputs + L - 1) / L * L;
  const int blocks = (k.outputs + L - 1) / L;
  for (int block = first; block < last; ++block) {
    const int pair = block / 2 * 2;
    const int width = pair + 1 < blocks ? 2 : 1;
    float* base = u + std::size_t(pair) * L * in_lanes * kPositions + (block - pair) * L;
    const std::size_t next = std::size_t(in_lanes) * width * L;
    for (int in = 0; in < in_lanes; ++in) {
      float taps[9][L] = {};
      if (in < k.inputs) {
        for (int l = 0; l < L && block * L + l < k.outputs; ++l) {
          const float* from = k.values + std::size_t(block * L + l) * k.next_output +
                              std::size_t(in) * k.next_input;
          for (int tap = 0; tap < 9; ++tap) taps[tap][l] = from[k.turned ? 8 - tap : tap];
        }
      }
      F<L> down[6][3];
#pragma GCC unroll 3
      for (int j = 0; j < 3; ++j) {
        const F<L> g[3] = {simd::load<L>(taps[j]), simd::load<L>(taps[3 + j]),
                           simd::load<L>(taps[6 + j])};
        F<L> p[6];
        from_taps<L>(g, p);
#pragma GCC unroll 6
        for (int i = 0; i < 6; ++i) down[i][j] = p[i];
      }
      float* to = base + std::size_t(in) * width * L;
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i) {
        F<L> p[6];
        from_taps<L>(down[i], p);
#pragma GCC unroll 6
        for (int j = 0; j < 6; ++j) simd::store<L>(to + std::size_t(i * 6 + j) * next, p[j]);
      }
    }
  }
}

}  // namespace tailor::internal::TAILOR_TARGET::f32
