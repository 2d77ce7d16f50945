#include "tailor/embed/eigen.hpp"

#include <Eigen/Eigenvalues>

#include "tailor/core/error.hpp"

namespace tailor {

Eigenpairs symmetric_eigenpairs(const std::vector<double>& matrix, int size) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const RowMajor> mapped(matrix.data(), size, size);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(mapped);
  if (solver.info() != Eigen::Success) throw failure("the eigenvalues of a matrix do not converge");
  Eigenpairs pairs;
  pairs.values.resize(std::size_t(size));
  pairs.vectors.resize(matrix.size());
  Eigen::Map<RowMajor> rows(pairs.vectors.data(), size, size);
  for (int i = 0; i < size; ++i) {  // Eigen's come smallest first, as columns
    pairs.values[std::size_t(i)] = solver.eigenvalues()[size - 1 - i];
    rows.row(i) = solver.eigenvectors().col(size - 1 - i).transpose();
  }
  return pairs;
}

}  // namespace tailor
