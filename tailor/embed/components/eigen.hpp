// Eigenvectors of symmetric matrices, through Eigen, whose headers take seconds to compile.
#pragma once

#include <vector>

namespace tailor::internal {

struct Eigenpairs {
  std::vector<double> values;   // largest first
  std::vector<double> vectors;  // one row for each value, of length 1
};

// Of a size x size matrix, of which the lower triangle is read.
Eigenpairs symmetric_eigenpairs(const std::vector<double>& matrix, int size);

}  // namespace tailor::internal
