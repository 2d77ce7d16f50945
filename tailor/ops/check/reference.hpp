// Every operation once more, as its formula says, in double and without a thought for speed: what
// tests compare the fast kernels with. Arrays are plain [image][channel][row][column], nothing
// padded.
#pragma once

#include <vector>

#include "tailor/ops/op.hpp"

namespace tailor::internal::reference {

struct Values {
  std::vector<double> src;
  std::vector<double> kernel;  // gamma for batch normalisation
  std::vector<double> bias;    // beta
};

struct Gradients {
  std::vector<double> src;
  std::vector<double> kernel;
  std::vector<double> bias;
};

// Numbers of kernel (or gamma) and bias (or beta) values, 0 where the operation has none.
struct ParamSizes {
  std::size_t kernel = 0;
  std::size_t bias = 0;
};
ParamSizes param_sizes(const OpConfig& config, const Shape& src);

// As in training: batch normalisation uses the batch's statistics. Dropout is the identity here
// (its mask is tested apart).
std::vector<double> forward(const OpConfig& config, const Shape& src, int batch,
                            const Values& values);

// Of sum(dst * diff_dst) with respect to every input.
Gradients backward(const OpConfig& config, const Shape& src, int batch, const Values& values,
                   const std::vector<double>& diff_dst);

}  // namespace tailor::internal::reference
