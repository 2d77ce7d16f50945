// Keras's SGD, Adam, AdamW and Muon over flat buffers.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "tailor/core/memory/buffer.hpp"
#include "tailor/core/team/team.hpp"
#include "tailor/nn/params.hpp"
#include "tailor/train/muon.hpp"
#include "tailor/train/options.hpp"

namespace tailor::internal {

// With rate r, gradient g and t counting steps from 1 (keras/src/optimizers/{sgd,adam,adamw}.py):
//   sgd       w -= r g;  with momentum  v = momentum v - r g,  w += v
//             (nesterov: w += momentum v - r g)
//   adam      m += (g - m)(1 - beta_1),  s += (g^2 - s)(1 - beta_2),
//             w -= r sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(s) + epsilon)
//             (epsilon stands outside the bias correction; PyTorch's stands inside)
//   adamw     w -= r weight_decay w, then adam
//   muon      of every kernel but the last, as a matrix of a row for each output:
//             w -= r weight_decay w,  v = muon_momentum v + g,
//             w -= 0.2 r sqrt(max(rows, columns)) orthogonal(g + muon_momentum v)
//             all else as adamw at the rate r adam_rate_ratio (keras/src/optimizers/muon.py, which
//             leaves kernels of convolutions to Adam)
class Optimizer {
 public:
  // Makes the moments (zeros) for weights laid out as in `table`.
  Optimizer(const TrainOptions& options, const ParamTable& table);

  static std::size_t moments_of(const TrainOptions& options);  // so many buffers of them

  // One update with this learning rate, split over `team` by element (the result does not depend on
  // it). Returns the penalty of the weights as they came, whose gradient it adds to `gradients`:
  // one pass over memory for both.
  double step(std::span<float> weights, std::span<float> gradients, double learning_rate,
              Team& team);

  std::int64_t steps() const { return steps_; }
  // sgd: velocity (if momentum > 0); adam, adamw: m, s; muon: v or m, s. In the layout of the
  // weights.
  std::vector<Buffer>& moments() { return moments_; }
  const std::vector<Buffer>& moments() const { return moments_; }
  void restore(std::int64_t steps) { steps_ = steps; }

 private:
  // The scalars of one step, rounded once.
  struct Scalars {
    float rate = 0;      // adam: with both bias corrections
    float momentum = 0;  // sgd
    float one_minus_beta_1 = 0;
    float one_minus_beta_2 = 0;
    float epsilon = 0;
    float keep = 1;  // adamw: what decay leaves of a kernel
  };
  Scalars scalars(double learning_rate) const;
  void update(std::span<float> weights, std::span<const float> gradients, std::size_t begin,
              const Scalars& s);
  void update_adam(std::span<float> weights, std::span<const float> gradients, std::size_t begin,
                   const Scalars& s);
  void decay(std::span<float> weights, std::size_t begin, float keep) const;
  void update_matrices(std::span<float> weights, std::span<const float> gradients,
                       double learning_rate, Team& team);

  // A kernel that Muon updates.
  struct Matrix {
    std::size_t offset, rows, columns;
    std::size_t size() const { return rows * columns; }
  };

  TrainOptions options_;
  std::vector<Matrix> matrices_;
  std::vector<std::pair<std::size_t, std::size_t>> between_;  // what lies between them
  std::vector<Orthogonalizer> orthogonalizers_;               // of each thread
  // Offset and size of the tensors AdamW decays: kernels.
  std::vector<std::pair<std::size_t, std::size_t>> decayed_;
  std::vector<Penalized> penalized_;
  std::vector<double> penalties_;  // of every block of work
  std::vector<Buffer> moments_;
  std::int64_t steps_ = 0;
};

}  // namespace tailor::internal
