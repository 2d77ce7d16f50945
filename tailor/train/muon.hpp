// Muon's update: a momentum matrix made nearly orthogonal (Jordan et al., 2024,
// kellerjordan.github.io/posts/muon; Keras's Muon).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tailor::internal {

// One thread's room for the largest matrix it works on.
class Orthogonalizer {
 public:
  // Replaces `matrix`, rows x columns, by one with the same singular vectors whose singular values
  // are between about 0.7 and 1.2: five steps of a quintic Newton-Schulz iteration in f32. The
  // result does not depend on the kind of CPU but by rounding. A matrix of zeros stays.
  void run(std::span<float> matrix, std::size_t rows, std::size_t columns);

 private:
  std::vector<float> wide_, tall_, square_, polynomial_, product_;
};

}  // namespace tailor::internal
