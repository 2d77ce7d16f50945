#include "tailor/embed/tsne/repulsion_fft.hpp"

#include <fftw3.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "tailor/core/target/clones.hpp"
#include "tailor/embed/tsne/tsne_blocks.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kBeside = 8;     // columns side by side: one cache line of complex numbers
constexpr std::size_t kMargin = 8;     // nodes that wrapped-around ringing of the kernel may fill
constexpr std::size_t kSizeStep = 32;  // FFT sizes are multiples of it: few sizes while a map grows

// FFTW's planner is not to be entered twice at a time.
std::mutex& planner() {
  static std::mutex mutex;
  return mutex;
}

bool smooth(std::size_t n) {
  for (const std::size_t factor : {2, 3, 5, 7}) {
    while (n % factor == 0) n /= factor;
  }
  return n == 1;
}

// Twice `size` and the margin, rounded up to what transforms fast: prime sizes made times of other
// implementations jump (FIt-SNE's issue 67).
std::size_t full_size(std::size_t size) {
  std::size_t n = (2 * size + kMargin + kSizeStep - 1) / kSizeStep * kSizeStep;
  while (!smooth(n)) n += kSizeStep;
  return n;
}

std::size_t rounded_up(std::size_t n, std::size_t step) {
  return (n + step - 1) / step * step;
}

fftwf_complex* complex_at(Buffer& buffer, std::size_t index) {
  return static_cast<fftwf_complex*>(buffer.data()) + index;
}

// Complex numbers, each by a real one.
TAILOR_CLONES void scale(float* parts, const float* factors, std::size_t count) {
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) {
    parts[2 * i] *= factors[i];
    parts[2 * i + 1] *= factors[i];
  }
}

}  // namespace

// Single-threaded plans, run by several threads on memory of their own. ESTIMATE, because plans
// chosen by timing would round differently from run to run.
struct GridConvolution::Plans {
  fftwf_plan row_forward = nullptr;
  fftwf_plan row_back = nullptr;
  fftwf_plan column_forward = nullptr;
  fftwf_plan column_back = nullptr;

  ~Plans() {
    const std::lock_guard lock(planner());
    for (fftwf_plan plan : {row_forward, row_back, column_forward, column_back}) {
      if (plan != nullptr) fftwf_destroy_plan(plan);
    }
  }
};

GridConvolution::GridConvolution(Team& team) : team_(team) {}
GridConvolution::~GridConvolution() = default;

void GridConvolution::prepare(std::size_t rows, std::size_t columns, double spacing, Kernel kernel,
                              Attenuation attenuation) {
  const std::size_t full_rows = full_size(rows);
  const std::size_t full_columns = full_size(columns);
  rows_ = rows;
  columns_ = columns;
  if (full_rows == full_rows_ && full_columns == full_columns_ && spacing == spacing_) return;
  full_rows_ = full_rows;
  full_columns_ = full_columns;
  spacing_ = spacing;
  pitch_ = full_columns_ / 2;
  spectrum_pitch_ = rounded_up(full_columns_ / 2 + 1, kBeside);
  grid_.assign(full_rows_ / 2 * pitch_, 0);
  spectrum_ = Buffer(full_rows_ / 2 * spectrum_pitch_ * sizeof(fftwf_complex));
  const std::size_t scratch =
      std::max(full_columns_ * sizeof(float), full_rows_ * kBeside * sizeof(fftwf_complex));
  scratch_.assign(std::size_t(team_.threads()), Buffer());
  for (Buffer& buffer : scratch_) buffer = Buffer(scratch);
  make_plans();
  make_kernel(spacing, kernel, attenuation);
}

void GridConvolution::make_plans() {
  plans_ = std::make_unique<Plans>();
  const std::lock_guard lock(planner());
  Buffer& scratch = scratch_[0];
  auto* row = static_cast<float*>(scratch.data());
  fftwf_complex* spectrum = complex_at(spectrum_, 0);
  const int row_length = int(full_columns_);
  const int column_length = int(full_rows_);
  plans_->row_forward = fftwf_plan_dft_r2c_1d(row_length, row, spectrum, FFTW_ESTIMATE);
  plans_->row_back = fftwf_plan_dft_c2r_1d(row_length, spectrum, row, FFTW_ESTIMATE);
  fftwf_complex* block = complex_at(scratch, 0);
  const auto plan_columns = [&](int sign) {
    return fftwf_plan_many_dft(1, &column_length, kBeside, block, nullptr, kBeside, 1, block,
                               nullptr, kBeside, 1, sign, FFTW_ESTIMATE);
  };
  plans_->column_forward = plan_columns(FFTW_FORWARD);
  plans_->column_back = plan_columns(FFTW_BACKWARD);
}

void GridConvolution::make_kernel(double spacing, Kernel kernel, Attenuation attenuation) {
  const std::size_t rows = full_rows_ / 2 + 1;
  const std::size_t columns = full_columns_ / 2 + 1;
  Buffer quarter(rows * columns * sizeof(float));
  auto* values = static_cast<float*>(quarter.data());
  fftwf_plan plan;
  {
    const std::lock_guard lock(planner());
    plan = fftwf_plan_r2r_2d(int(rows), int(columns), values, values, FFTW_REDFT00, FFTW_REDFT00,
                             FFTW_ESTIMATE);
  }
  for_each_index(rows, team_, [&](std::size_t r, int) {
    for (std::size_t c = 0; c < columns; ++c) {
      values[r * columns + c] = float(kernel(double(c) * spacing, double(r) * spacing));
    }
  });
  fftwf_execute(plan);
  {
    const std::lock_guard lock(planner());
    fftwf_destroy_plan(plan);
  }

  std::vector<double> row_factor(rows);
  std::vector<double> column_factor(spectrum_pitch_, 0.0);  // 0: columns that only fill a block
  const auto factor = [&](std::size_t frequency, std::size_t size) {
    const double a = attenuation(double(frequency) / double(size));
    return 1 / (a * a * double(size));
  };
  for (std::size_t r = 0; r < rows; ++r) row_factor[r] = factor(r, full_rows_);
  for (std::size_t c = 0; c < columns; ++c) column_factor[c] = factor(c, full_columns_);
  kernel_.resize(spectrum_pitch_ * full_rows_);
  for (std::size_t c = 0; c < spectrum_pitch_; ++c) {
    float* block = kernel_.data() + c / kBeside * full_rows_ * kBeside;
    for (std::size_t r = 0; r < full_rows_; ++r) {
      const std::size_t mirrored = std::min(r, full_rows_ - r);
      const float value = c < columns ? values[mirrored * columns + c] : 0;
      block[r * kBeside + c % kBeside] = float(value * row_factor[mirrored] * column_factor[c]);
    }
  }
}

void GridConvolution::rows_forward() {
  for_each_index(rows_, team_, [&](std::size_t r, int worker) {
    auto* line = static_cast<float*>(scratch_[std::size_t(worker)].data());
    std::copy_n(row(r), columns_, line);
    std::fill(line + columns_, line + full_columns_, 0.0f);
    fftwf_execute_dft_r2c(plans_->row_forward, line, complex_at(spectrum_, r * spectrum_pitch_));
  });
}

void GridConvolution::columns_round_trip() {
  for_each_index(spectrum_pitch_ / kBeside, team_, [&](std::size_t b, int worker) {
    fftwf_complex* block = complex_at(scratch_[std::size_t(worker)], 0);
    constexpr std::size_t kBytes = kBeside * sizeof(fftwf_complex);
    for (std::size_t r = 0; r < rows_; ++r) {
      std::memcpy(block + r * kBeside, complex_at(spectrum_, r * spectrum_pitch_ + b * kBeside),
                  kBytes);
    }
    std::memset(block + rows_ * kBeside, 0, (full_rows_ - rows_) * kBytes);
    fftwf_execute_dft(plans_->column_forward, block, block);
    const float* kernel = kernel_.data() + b * full_rows_ * kBeside;
    scale(reinterpret_cast<float*>(block), kernel, full_rows_ * kBeside);
    fftwf_execute_dft(plans_->column_back, block, block);
    for (std::size_t r = 0; r < rows_; ++r) {
      std::memcpy(complex_at(spectrum_, r * spectrum_pitch_ + b * kBeside), block + r * kBeside,
                  kBytes);
    }
  });
}

void GridConvolution::rows_back() {
  for_each_index(rows_, team_, [&](std::size_t r, int worker) {
    auto* line = static_cast<float*>(scratch_[std::size_t(worker)].data());
    fftwf_execute_dft_c2r(plans_->row_back, complex_at(spectrum_, r * spectrum_pitch_), line);
    std::copy_n(line, columns_, row(r));
  });
}

void GridConvolution::run() {
  rows_forward();
  columns_round_trip();
  rows_back();
}

}  // namespace tailor::internal
