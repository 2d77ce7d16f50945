// Repulsion on a plane in time proportional to the points: interpolation on a grid and FFT, the
// idea of Linderman et al., "Fast interpolation-based t-SNE" (2019), done the way particle physics
// does it (smooth particle mesh, Essmann et al. 1995).
//
// The force is the slope of a potential: with phi(y) = sum over j of K(y - y_j), K = 1 / (1 + d^2),
// the gradient of K is -2 K^2 (y - y_j), so force_i = -1/2 grad phi(y_i), and Z = sum of phi(y_i) -
// n. One convolution gives everything, where interpolating the force's own kernels takes four:
//
//   1. spread: every point leaves a charge of 1 on the kOrder x kOrder nodes around it, weighted by
//      B-splines;
//   2. convolve: the potential of these charges at all nodes (repulsion_fft.hpp), with the splines'
//      damping of short waves divided out;
//   3. gather: the same splines read the potential at each point, their derivatives its slope.
//
// Splines are smooth where polynomials per cell have kinks. On the final map of 70,000 images, 200
// units wide, against exact sums (root mean square error of the force, as a share of the force's):
//
//   nodes per unit                     3        2       1.67     1.43
//   this file                          0.5 %    2.4 %   4.3 %    6.8 %
//   openTSNE (3 nodes per cell of 1)   2.9 %
//
// 2 per unit are as exact as the others and take two thirds of the time, but 3 lead to better maps:
// 10,000 images end at a divergence of 1.503 with 3, 1.518 with 2.5 and 1.535 with 2 (openTSNE:
// 1.530). Splines of order 6 with 2 (1.6 % on 10,000 points, where order 4 with 3 has 0.8 %) do not
// make up for the 36 nodes per point.
//
// Spreading runs in parallel in strips of rows: a strip's points write on its own rows and the
// first kOrder - 1 of the next strip, so all even strips go first, then all odd ones. Points enter
// their strip in the order of their numbers, whoever works on it: the same bytes on any number of
// threads.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <vector>

#include "tailor/embed/tsne/repulsion.hpp"
#include "tailor/embed/tsne/repulsion_fft.hpp"
#include "tailor/embed/tsne/tsne_blocks.hpp"

#include "tailor/core/target/begin.hpp"

namespace tailor::internal::TAILOR_TARGET {
namespace {

constexpr int kOrder = 4;                 // of the B-splines: cubic
constexpr double kSpacing = 1.0 / 3;      // of the nodes; the kernel's own width is 1
constexpr std::size_t kMostNodes = 2048;  // per side; wider maps get wider spacing
constexpr std::size_t kStripRows = 8;     // at least kOrder - 1

double kernel(double dx, double dy) {
  return 1 / (1 + dx * dx + dy * dy);
}

// Values of the kOrder splines that reach a point `t` (0 to 1) past a node, and their derivatives.
struct Splines {
  std::array<float, kOrder> value;
  std::array<float, kOrder> slope;
};

// De Boor's recursion; the derivative is the difference of the order below.
inline Splines splines(float t) {
  Splines s;
  s.value.fill(0);
  s.value[0] = 1 - t;
  s.value[1] = t;
  for (int order = 3; order <= kOrder; ++order) {
    if (order == kOrder) {
      s.slope[0] = -s.value[0];
      for (int j = 1; j < kOrder - 1; ++j)
        s.slope[std::size_t(j)] = s.value[std::size_t(j - 1)] - s.value[std::size_t(j)];
      s.slope[kOrder - 1] = s.value[kOrder - 2];
    }
    const float scale = 1.0f / float(order - 1);
    s.value[std::size_t(order - 1)] = scale * t * s.value[std::size_t(order - 2)];
    for (int j = order - 2; j > 0; --j) {
      s.value[std::size_t(j)] = scale * ((t + float(order - 1 - j)) * s.value[std::size_t(j - 1)] +
                                         (float(j + 1) - t) * s.value[std::size_t(j)]);
    }
    s.value[0] *= scale * (1 - t);
  }
  return s;
}

// What splines leave of a wave of `frequency` cycles per node: the transform of their values at the
// nodes.
double attenuation(double frequency) {
  const Splines at_node = splines(0);
  double sum = 0;
  for (int j = 0; j < kOrder; ++j) {
    sum += at_node.value[std::size_t(j)] *
           std::cos(2 * std::numbers::pi * frequency * (j - (kOrder - 2) / 2));
  }
  return sum;
}

struct Box {
  float low[2] = {std::numeric_limits<float>::max(), std::numeric_limits<float>::max()};
  float high[2] = {std::numeric_limits<float>::lowest(), std::numeric_limits<float>::lowest()};

  void operator+=(const Box& other) {
    for (int d = 0; d < 2; ++d) {
      low[d] = std::min(low[d], other.low[d]);
      high[d] = std::max(high[d], other.high[d]);
    }
  }
};

// Of all points.
struct Totals {
  double potential = 0;
  std::array<double, 2> force{};

  void operator+=(const Totals& other) {
    potential += other.potential;
    for (std::size_t d = 0; d < 2; ++d) force[d] += other.force[d];
  }
};

class GridRepulsion : public Repulsion {
 public:
  explicit GridRepulsion(Team& team) : team_(team), convolution_(team) {}

  double compute(std::span<const float> coordinates, std::span<float> force) override {
    place_grid(coordinates);
    sort_into_strips(coordinates);
    spread(coordinates);
    convolution_.run();
    return gather(coordinates, force);
  }

 private:
  // The node left of and below a point, and how far the point is past it.
  struct Spot {
    std::size_t column, row;
    float x, y;
  };
  Spot spot(const float* point) const {
    const float x = (point[0] - origin_[0]) * inverse_spacing_;
    const float y = (point[1] - origin_[1]) * inverse_spacing_;
    const auto column = std::size_t(x);
    const auto row = std::size_t(y);
    return {column, row, x - float(column), y - float(row)};
  }

  // The spacing stays as it is however small the map: a kernel that a few nodes describe needs no
  // more of them, and differences between nodes much closer would drown in rounding.
  void place_grid(std::span<const float> coordinates) {
    const Box box =
        sum_blocks<Box>(coordinates.size() / 2, team_, [&](std::size_t begin, std::size_t end) {
          Box part;
          for (std::size_t i = begin; i < end; ++i) {
            for (std::size_t d = 0; d < 2; ++d) {
              part.low[d] = std::min(part.low[d], coordinates[2 * i + d]);
              part.high[d] = std::max(part.high[d], coordinates[2 * i + d]);
            }
          }
          return part;
        });
    const double widest = std::max(box.high[0] - box.low[0], box.high[1] - box.low[1]);
    const double spacing = std::max(kSpacing, widest / double(kMostNodes - kOrder - 1));
    std::size_t nodes[2];
    for (std::size_t d = 0; d < 2; ++d) {
      nodes[d] = std::size_t(double(box.high[d] - box.low[d]) / spacing) + 2 + kOrder;
      origin_[d] = box.low[d] - float(spacing) / 2;
    }
    inverse_spacing_ = float(1 / spacing);
    rows_ = nodes[1];
    convolution_.prepare(nodes[1], nodes[0], spacing, kernel, attenuation);
  }

  // A stable counting sort: strip_start_[s] is where strip s begins in sorted_.
  void sort_into_strips(std::span<const float> coordinates) {
    const std::size_t points = coordinates.size() / 2;
    strip_start_.assign((rows_ + kStripRows - 1) / kStripRows + 1, 0);
    strip_.resize(points);
    sorted_.resize(points);
    for (std::size_t i = 0; i < points; ++i) {
      strip_[i] =
          std::uint32_t((coordinates[2 * i + 1] - origin_[1]) * inverse_spacing_) / kStripRows;
      ++strip_start_[strip_[i] + 1];
    }
    for (std::size_t s = 1; s < strip_start_.size(); ++s) strip_start_[s] += strip_start_[s - 1];
    next_.assign(strip_start_.begin(), strip_start_.end() - 1);
    for (std::size_t i = 0; i < points; ++i) sorted_[next_[strip_[i]]++] = std::uint32_t(i);
  }

  void spread(std::span<const float> coordinates) {
    const std::size_t strips = strip_start_.size() - 1;
    for_each_index((strips + 1) / 2, team_, [&](std::size_t pair, int) {
      clear(2 * pair * kStripRows, 2 * (pair + 1) * kStripRows);
      spread_strip(2 * pair, coordinates);
    });
    for_each_index(strips / 2, team_,
                   [&](std::size_t pair, int) { spread_strip(2 * pair + 1, coordinates); });
  }

  void clear(std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < std::min(end, rows_); ++r) {
      std::fill_n(convolution_.row(r), convolution_.pitch(), 0.0f);
    }
  }

  void spread_strip(std::size_t strip, std::span<const float> coordinates) {
    for (std::size_t s = strip_start_[strip]; s < strip_start_[strip + 1]; ++s) {
      const Spot at = spot(coordinates.data() + 2 * std::size_t(sorted_[s]));
      const Splines x = splines(at.x);
      const Splines y = splines(at.y);
      for (std::size_t j = 0; j < kOrder; ++j) {
        float* row = convolution_.row(at.row + j) + at.column;
        for (std::size_t i = 0; i < kOrder; ++i) row[i] += y.value[j] * x.value[i];
      }
    }
  }

  double gather(std::span<const float> coordinates, std::span<float> force) {
    const std::size_t points = coordinates.size() / 2;
    const Totals totals =
        sum_blocks<Totals>(points, team_, [&](std::size_t begin, std::size_t end) {
          Totals part;
          for (std::size_t p = begin; p < end; ++p) {
            part.potential += gather_point(coordinates.data() + 2 * p, force.data() + 2 * p);
            for (std::size_t d = 0; d < 2; ++d) part.force[d] += force[2 * p + d];
          }
          return part;
        });
    take_off_drift(totals, force);
    return totals.potential - double(points);  // each point has felt its own K = 1
  }

  // Pushes and counter-pushes add up to nothing, but a point on the grid pushes itself a little,
  // the same way wherever on the map it is at the same place between nodes. While the map is still
  // a dot all points are at one such place, and their drift would be larger than what parts them.
  void take_off_drift(const Totals& totals, std::span<float> force) {
    for_blocks(force.size() / 2, team_, [&](std::size_t begin, std::size_t end) {
      for (std::size_t c = 2 * begin; c < 2 * end; ++c) {
        force[c] -= float(totals.force[c % 2] / double(force.size() / 2));
      }
    });
  }

  float gather_point(const float* point, float* force) {
    const Spot at = spot(point);
    const Splines x = splines(at.x);
    const Splines y = splines(at.y);
    std::array<float, kOrder> across{};  // summed over rows
    std::array<float, kOrder> uphill{};  // the same with the slopes
    for (std::size_t j = 0; j < kOrder; ++j) {
      const float* row = convolution_.row(at.row + j) + at.column;
      for (std::size_t i = 0; i < kOrder; ++i) {
        across[i] += y.value[j] * row[i];
        uphill[i] += y.slope[j] * row[i];
      }
    }
    float potential = 0;
    float slope_x = 0;
    float slope_y = 0;
    for (std::size_t i = 0; i < kOrder; ++i) {
      potential += x.value[i] * across[i];
      slope_x += x.slope[i] * across[i];
      slope_y += x.value[i] * uphill[i];
    }
    force[0] = -0.5f * inverse_spacing_ * slope_x;
    force[1] = -0.5f * inverse_spacing_ * slope_y;
    return potential;
  }

  Team& team_;
  GridConvolution convolution_;
  std::size_t rows_ = 0;
  float origin_[2] = {0, 0};
  float inverse_spacing_ = 1;
  std::vector<std::uint32_t> strip_;  // of each point
  std::vector<std::size_t> strip_start_;
  std::vector<std::size_t> next_;
  std::vector<std::uint32_t> sorted_;  // points by strip
};

}  // namespace

std::unique_ptr<Repulsion> grid_repulsion(Team& team) {
  return std::make_unique<GridRepulsion>(team);
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
