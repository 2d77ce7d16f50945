#include "tailor/embed/components/basis.hpp"

#include <cmath>

#include "tailor/core/target/clones.hpp"

namespace tailor::internal {

TAILOR_CLONES double dot(const Vector& a, const Vector& b) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TAILOR_CLONES void add(double factor, const Vector& from, Vector& to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * from[i];
}

bool extend(std::vector<Vector>& basis, Vector candidate) {
  constexpr double kNothing = 1e-10;  // of the candidate: what rounding leaves
  const double before = std::sqrt(dot(candidate, candidate));
  for (int pass = 0; pass < 2; ++pass) {  // "twice is enough" (Kahan, in Parlett 1980)
    for (const Vector& b : basis) add(-dot(b, candidate), b, candidate);
  }
  const double after = std::sqrt(dot(candidate, candidate));
  if (!(after > kNothing * before)) return false;
  for (double& x : candidate) x /= after;
  basis.push_back(std::move(candidate));
  return true;
}

Vector combine(const std::vector<Vector>& vectors, const double* weights) {
  Vector sum(vectors[0].size());
  for (std::size_t i = 0; i < vectors.size(); ++i) add(weights[i], vectors[i], sum);
  return sum;
}

}  // namespace tailor::internal
