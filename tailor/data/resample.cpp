#include "tailor/data/resample.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tailor/data/weighted_sums.hpp"

namespace tailor::internal {
namespace {

double box(double x) {
  return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
}

double bilinear(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

// Keys, with a = -0.5.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

struct Kernel {
  double (*weight)(double);
  double support;  // it is 0 from there on
};

Kernel kernel_of(Filter filter) {
  switch (filter) {
    case Filter::kBox:
      return {box, 0.5};
    case Filter::kBilinear:
      return {bilinear, 1.0};
    case Filter::kBicubic:
      break;
  }
  return {bicubic, 2.0};
}

// For each of `out` places along one side, which of the `in` pixels it takes and how much of each,
// in 2^-22. The part from `begin` to `end` of the side becomes the whole of the new one.
Taps taps_of(int in, float begin, float end, int out, const Kernel& kernel) {
  const double scale = double(end - begin) / out;
  const double stretch = std::max(scale, 1.0);
  const double support = kernel.support * stretch;
  Taps taps;
  taps.first.reserve(std::size_t(out));
  taps.begin.reserve(std::size_t(out) + 1);
  taps.begin.push_back(0);
  std::vector<double> weights;
  for (int place = 0; place < out; ++place) {
    const double centre = begin + (place + 0.5) * scale;
    const int first = std::max(int(centre - support + 0.5), 0);
    const int last = std::min(int(centre + support + 0.5), in);
    weights.clear();
    double sum = 0;
    for (int i = first; i < last; ++i) {
      weights.push_back(kernel.weight((i - centre + 0.5) * (1.0 / stretch)));
      sum += weights.back();
    }
    for (double weight : weights) {
      if (sum != 0.0) weight /= sum;
      taps.weights.push_back(int(weight * (1 << kWeightBits) + (weight < 0 ? -0.5 : 0.5)));
    }
    taps.first.push_back(first);
    taps.begin.push_back(int(taps.weights.size()));
  }
  return taps;
}

}  // namespace

void resample(const Image& image, const SourceBox& part, int height, int width, Filter filter,
              Image& out) {
  const Kernel kernel = kernel_of(filter);
  const auto [left, top, right, bottom] = part;
  const bool across = width != image.width || left != 0 || right != float(width);
  const bool down = height != image.height || top != 0 || bottom != float(height);
  const Taps rows = taps_of(image.height, top, bottom, height, kernel);
  out.channels = image.channels;
  out.width = width;
  out.height = height;
  if (!across && !down) {
    out.pixels = image.pixels;
    return;
  }
  if (!across) {
    sum_down(image, rows, out);
    return;
  }
  const Taps columns = taps_of(image.width, left, right, width, kernel);
  if (!down) {
    sum_across(image, 0, columns, out);
    return;
  }
  // Rounded to bytes in between, only the rows that the second pass reads.
  const int first = rows.first.front();
  const int last = rows.first.back() + rows.begin.back() - rows.begin[rows.begin.size() - 2];
  thread_local Image between;  // kept: a folder's pictures are many
  between.channels = image.channels;
  between.width = width;
  between.height = last - first;
  sum_across(image, first, columns, between);
  Taps shifted = rows;
  for (int& row : shifted.first) row -= first;
  sum_down(between, shifted, out);
}

}  // namespace tailor::internal
