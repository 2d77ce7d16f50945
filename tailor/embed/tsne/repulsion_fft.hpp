// The convolution of a small grid with a kernel that reaches all of it, by FFT, on several threads.
#pragma once

#include <fftw3.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "tailor/core/memory/buffer.hpp"
#include "tailor/core/team/team.hpp"

namespace tailor::internal {

// out[r][c] = sum over r', c' of in[r'][c'] kernel(r - r', c - c'), in place.
//
// Open boundaries want each side doubled with zeros. Those zeros are never stored and never
// transformed along rows: `rows` transforms real -> complex (of twice the length), then blocks of
// columns, copied side by side into a buffer that stays in the cache, go forward, are multiplied
// and come back, and only `rows` transforms complex -> real remain.
//
//        columns               full columns / 2 + 1
//      +---------+            +--+--+--+--+--+
//      |         |  r2c rows  |  |  |  |  |  |  <- each block of kBlock columns: + zeros below,
//      |  in/out |  ------->  |  |  |  |  |  |     FFT, times kernel, FFT back, zeros dropped
//      |         |  <-------  |  |  |  |  |  |
//      +---------+  c2r rows  +--+--+--+--+--+
//
// One transform forward and one back: the kernel is even in both directions, so its own transform
// is real and comes from a cosine transform of a quarter.
class GridConvolution {
 public:
  explicit GridConvolution(Team& team);
  ~GridConvolution();

  // Room for `rows` x `columns`. Remakes plans and kernel only where that takes another size of
  // FFT or the spacing differs. kernel(dx, dy): distances between nodes, in units. attenuation(f):
  // by how much interpolation weakens a wave of f cycles per node, 0 to 0.5; the kernel is divided
  // by the attenuation of the way in and of the way out.
  using Kernel = double (*)(double, double);
  using Attenuation = double (*)(double);
  void prepare(std::size_t rows, std::size_t columns, double spacing, Kernel kernel,
               Attenuation attenuation);

  std::size_t pitch() const { return pitch_; }  // floats from row to row
  float* row(std::size_t r) { return grid_.data() + r * pitch_; }

  void run();

 private:
  struct Plans;
  void make_plans();
  void make_kernel(double spacing, Kernel kernel, Attenuation attenuation);
  void rows_forward();
  void columns_round_trip();
  void rows_back();

  Team& team_;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::size_t pitch_ = 0;
  std::size_t full_rows_ = 0;  // doubled, rounded up to a size that transforms fast
  std::size_t full_columns_ = 0;
  std::size_t spectrum_pitch_ = 0;  // complex numbers from row to row
  double spacing_ = 0;
  std::vector<float> grid_;
  Buffer spectrum_;              // rows x spectrum_pitch complex
  std::vector<float> kernel_;    // blocks of columns x full_rows x kBlock
  std::vector<Buffer> scratch_;  // per thread
  std::unique_ptr<Plans> plans_;
};

}  // namespace tailor::internal
