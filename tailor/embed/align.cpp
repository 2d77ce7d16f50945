#include "tailor/embed/align.hpp"

#include <Eigen/SVD>

namespace tailor::internal {
namespace {

template <int D>
using Point = Eigen::Matrix<double, D, 1>;

template <int D>
Point<D> point_at(std::span<const float> points, std::size_t i) {
  return Eigen::Map<const Eigen::Matrix<float, D, 1>>(points.data() + i * D)
      .template cast<double>();
}

template <int D>
Point<D> mean_of(std::span<const float> points) {
  const std::size_t count = points.size() / D;
  Point<D> sum = Point<D>::Zero();
  for (std::size_t i = 0; i < count; ++i) sum += point_at<D>(points, i);
  return sum / double(count);
}

template <int D>
void align(Embedding& map, std::span<const float> other) {
  using Matrix = Eigen::Matrix<double, D, D>;
  const std::span<const float> own = map.coordinates();
  const Point<D> other_mean = mean_of<D>(other), own_mean = mean_of<D>(own);
  Matrix between = Matrix::Zero();
  for (std::size_t i = 0; i < own.size() / D; ++i) {
    between += (point_at<D>(other, i) - other_mean) * (point_at<D>(own, i) - own_mean).transpose();
  }
  const Eigen::JacobiSVD<Matrix> svd(between, Eigen::ComputeFullU | Eigen::ComputeFullV);
  const Matrix turn = svd.matrixU() * svd.matrixV().transpose();
  for (MapFrame& frame : map.frames) {
    for (std::size_t i = 0; i < frame.coordinates.size() / D; ++i) {
      const Point<D> turned = turn * point_at<D>(frame.coordinates, i);
      for (int d = 0; d < D; ++d) frame.coordinates[i * D + std::size_t(d)] = float(turned(d));
    }
  }
}

}  // namespace

void align_map(Embedding& map, std::span<const float> other) {
  if (map.dimensions == 2) {
    align<2>(map, other);
  } else {
    align<3>(map, other);
  }
}

}  // namespace tailor::internal
