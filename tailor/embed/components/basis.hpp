// Vectors of length 1 at right angles, gathered one after the other.
#pragma once

#include <vector>

namespace tailor::internal {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b);
void add(double factor, const Vector& from, Vector& to);

// Adds to the basis what is new in `candidate`. False where that is nothing.
bool extend(std::vector<Vector>& basis, Vector candidate);

// The sum of the vectors, each times its weight.
Vector combine(const std::vector<Vector>& vectors, const double* weights);

}  // namespace tailor::internal
