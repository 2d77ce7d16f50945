#include "tailor/embed/components/eigen.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <sstream>
#include <thread>
#include <vector>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "tailor/core/error.hpp"

#include "tailor/core/target/begin.hpp"
// Eigen itself has to be compiled for the target, so each gets an Eigen with a name of its own; all
// that Eigen includes is included above. Without AVX a 784 x 784 matrix takes 0.1 s more.
#define TAILOR_JOIN_AS_THEY_STAND(a, b) a##b
#define TAILOR_JOIN(a, b) TAILOR_JOIN_AS_THEY_STAND(a, b)
#define Eigen TAILOR_JOIN(Eigen_, TAILOR_TARGET)
#include <Eigen/Eigenvalues>

namespace tailor::internal::TAILOR_TARGET {

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

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
