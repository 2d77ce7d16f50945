#include <array>
#include <cstddef>
#include <vector>

#include "tailor/embed/tsne/repulsion.hpp"
#include "tailor/embed/tsne/tsne_blocks.hpp"

#include "tailor/core/target/begin.hpp"

namespace tailor::internal::TAILOR_TARGET {
namespace {

template <int D>
class ExactRepulsion : public Repulsion {
 public:
  explicit ExactRepulsion(Team& team) : team_(team) {}

  double compute(std::span<const float> coordinates, std::span<float> force) override {
    const std::size_t points = coordinates.size() / D;
    for (std::size_t d = 0; d < D; ++d) {
      axis_[d].resize(points);
      for (std::size_t i = 0; i < points; ++i) axis_[d][i] = coordinates[i * D + d];
    }
    return sum_blocks<double>(points, team_, [&](std::size_t begin, std::size_t end) {
      double sum = 0;
      for (std::size_t i = begin; i < end; ++i) {
        sum += push(coordinates.data() + i * D, force.data() + i * D) - 1;  // itself: K = 1
      }
      return sum;
    });
  }

 private:
  // In single precision lane by lane, which keeps errors as small as the longest lane's sum.
  float push(const float* point, float* force) const {
    const std::size_t points = axis_[0].size();
    float z = 0;
    float fx = 0;
    float fy = 0;
    float fz = 0;
#pragma omp simd reduction(+ : z, fx, fy, fz)
    for (std::size_t j = 0; j < points; ++j) {
      const float dx = point[0] - axis_[0][j];
      const float dy = point[1] - axis_[1][j];
      const float dz = D == 3 ? point[D - 1] - axis_[D - 1][j] : 0;
      const float k = 1 / (1 + dx * dx + dy * dy + dz * dz);
      z += k;
      fx += k * k * dx;
      fy += k * k * dy;
      fz += k * k * dz;
    }
    force[0] = fx;
    force[1] = fy;
    if (D == 3) force[D - 1] = fz;
    return z;
  }

  Team& team_;
  std::array<std::vector<float>, D> axis_;
};

}  // namespace

std::unique_ptr<Repulsion> exact_repulsion(int dimensions, Team& team) {
  if (dimensions == 3) return std::make_unique<ExactRepulsion<3>>(team);
  return std::make_unique<ExactRepulsion<2>>(team);
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
