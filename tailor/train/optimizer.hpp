// Keras's SGD, Adam and AdamW over flat buffers: one loop each.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/core/buffer.hpp"
#include "tailor/nn/params.hpp"
#include "tailor/train/options.hpp"

namespace tailor {

class Optimizer {
 public:
  // Makes the moments (zeros) for weights laid out as in `table`.
  Optimizer(const TrainOptions& options, const ParamTable& table);

  // One update with this learning rate, split over `threads` by element (the result does not depend
  // on it).
  void step(std::span<float> weights, std::span<const float> gradients, double learning_rate,
            int threads);

  std::int64_t steps() const { return steps_; }
  std::vector<Buffer>& moments() {
    return moments_;
  }  // sgd: velocity (if momentum > 0); adam: m, v
  void restore(std::int64_t steps) { steps_ = steps; }

 private:
  TrainOptions options_;
  std::vector<std::pair<std::size_t, std::size_t>>
      decayed_;  // offset, size of the tensors AdamW decays: kernels
  std::vector<Buffer> moments_;
  std::int64_t steps_ = 0;
};

}  // namespace tailor
