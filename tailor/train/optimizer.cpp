#include "tailor/train/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include "tailor/core/target/clones.hpp"

namespace tailor::internal {
namespace {

// The unit of work. A thread takes whole blocks, so every element sees the same instructions
// whatever the number of threads, and the results are the same bytes.
constexpr std::size_t kBlock = 4096;
constexpr std::size_t kWorthThreads = 16 * kBlock;  // below it, waking a thread costs more

TAILOR_CLONES void sgd(std::span<float> weights, std::span<const float> gradients, float rate) {
#pragma omp simd
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] -= rate * gradients[i];
}

TAILOR_CLONES void sgd_momentum(std::span<float> weights, float* velocity,
                                std::span<const float> gradients, float rate, float momentum) {
#pragma omp simd
  for (std::size_t i = 0; i < weights.size(); ++i) {
    velocity[i] = momentum * velocity[i] - rate * gradients[i];
    weights[i] += velocity[i];
  }
}

TAILOR_CLONES void sgd_nesterov(std::span<float> weights, float* velocity,
                                std::span<const float> gradients, float rate, float momentum) {
#pragma omp simd
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float step = rate * gradients[i];
    velocity[i] = momentum * velocity[i] - step;
    weights[i] += momentum * velocity[i] - step;
  }
}

TAILOR_CLONES void adam(std::span<float> weights, float* mean, float* square,
                        std::span<const float> gradients, float rate, float one_minus_beta_1,
                        float one_minus_beta_2, float epsilon) {
#pragma omp simd
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float g = gradients[i];
    mean[i] += (g - mean[i]) * one_minus_beta_1;
    square[i] += (g * g - square[i]) * one_minus_beta_2;
    weights[i] -= rate * mean[i] / (std::sqrt(square[i]) + epsilon);
  }
}

TAILOR_CLONES void shrink(std::span<float> weights, float keep) {
#pragma omp simd
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] *= keep;
}

bool is_kernel(std::string_view name) {
  return name.ends_with(".kernel");
}

// All kernels but the last one, which makes the answers.
template <typename Matrix>
std::vector<Matrix> hidden_kernels(const ParamTable& table) {
  std::vector<Matrix> matrices;
  for (const TensorInfo& tensor : table.weights) {
    if (!is_kernel(tensor.name)) continue;
    const auto rows = std::size_t(tensor.shape.front());
    matrices.push_back({tensor.offset, rows, tensor.size / rows});
  }
  if (!matrices.empty()) matrices.pop_back();
  return matrices;
}

}  // namespace

Optimizer::Optimizer(const TrainOptions& options, const ParamTable& table)
    : options_(options),
      penalized_(penalized(table)),
      penalties_((table.weight_count + kBlock - 1) / kBlock) {
  const std::size_t bytes = table.weight_count * sizeof(float);
  for (std::size_t i = 0; i < moments_of(options); ++i) moments_.emplace_back(bytes);
  if (options.optimizer == "muon") matrices_ = hidden_kernels<Matrix>(table);
  std::size_t end = 0;
  for (const Matrix& matrix : matrices_) {
    if (matrix.offset > end) between_.emplace_back(end, matrix.offset - end);
    end = matrix.offset + matrix.size();
  }
  if (end < table.weight_count) between_.emplace_back(end, table.weight_count - end);
  if (options.optimizer != "adamw" && options.optimizer != "muon") return;
  for (const TensorInfo& tensor : table.weights) {
    if (is_kernel(tensor.name)) decayed_.emplace_back(tensor.offset, tensor.size);
  }
}

std::size_t Optimizer::moments_of(const TrainOptions& options) {
  return options.optimizer != "sgd" ? 2 : options.momentum > 0 ? 1 : 0;
}

double Optimizer::step(std::span<float> weights, std::span<float> gradients, double learning_rate,
                       Team& team) {
  ++steps_;
  const Scalars s = scalars(learning_rate);
  const auto update_blocks = [&](int first, int last, int) {
    for (int b = first; b < last; ++b) {
      const std::size_t begin = std::size_t(b) * kBlock;
      const std::size_t size = std::min(kBlock, weights.size() - begin);
      const auto gradient = gradients.subspan(begin, size);
      penalties_[std::size_t(b)] =
          add_penalty_gradient(penalized_, begin, weights.subspan(begin, size), gradient);
      update(weights.subspan(begin, size), gradient, begin, s);
    }
  };
  const int blocks = int(penalties_.size());
  if (weights.size() < kWorthThreads) {
    update_blocks(0, blocks, 0);
  } else {
    team.share_out(blocks, 0, update_blocks);
  }
  if (!matrices_.empty()) update_matrices(weights, gradients, learning_rate, team);
  return std::accumulate(penalties_.begin(), penalties_.end(), 0.0);
}

Optimizer::Scalars Optimizer::scalars(double learning_rate) const {
  Scalars s;
  s.rate = float(learning_rate);
  s.momentum = float(options_.momentum);
  if (options_.optimizer == "sgd") return s;
  const double t = double(steps_);
  if (options_.optimizer == "muon") learning_rate *= options_.adam_rate_ratio;
  s.rate = float(learning_rate * std::sqrt(1 - std::pow(options_.beta_2, t)) /
                 (1 - std::pow(options_.beta_1, t)));
  s.one_minus_beta_1 = float(1 - options_.beta_1);
  s.one_minus_beta_2 = float(1 - options_.beta_2);
  s.epsilon = float(options_.epsilon);
  if (!decayed_.empty()) s.keep = float(1 - learning_rate * options_.weight_decay);
  return s;
}

void Optimizer::update(std::span<float> weights, std::span<const float> gradients,
                       std::size_t begin, const Scalars& s) {
  if (moments_.empty()) return sgd(weights, gradients, s.rate);
  if (options_.optimizer == "sgd") {
    float* first = moments_[0].floats().data() + begin;
    return (options_.nesterov ? sgd_nesterov : sgd_momentum)(weights, first, gradients, s.rate,
                                                             s.momentum);
  }
  if (matrices_.empty()) return update_adam(weights, gradients, begin, s);
  for (const auto& [offset, size] : between_) {
    const std::size_t from = std::max(begin, offset);
    const std::size_t to = std::min(begin + weights.size(), offset + size);
    if (from >= to) continue;
    update_adam(weights.subspan(from - begin, to - from),
                gradients.subspan(from - begin, to - from), from, s);
  }
}

void Optimizer::update_adam(std::span<float> weights, std::span<const float> gradients,
                            std::size_t begin, const Scalars& s) {
  decay(weights, begin, s.keep);
  adam(weights, moments_[0].floats().data() + begin, moments_[1].floats().data() + begin, gradients,
       s.rate, s.one_minus_beta_1, s.one_minus_beta_2, s.epsilon);
}

void Optimizer::update_matrices(std::span<float> weights, std::span<const float> gradients,
                                double learning_rate, Team& team) {
  orthogonalizers_.resize(std::size_t(team.threads()));
  const auto momentum = float(options_.muon_momentum);
  const auto keep = float(1 - learning_rate * options_.weight_decay);
  team.share_out(int(matrices_.size()), 1, [&](int first, int last, int worker) {
    std::vector<float> update;
    for (int i = first; i < last; ++i) {
      const Matrix& matrix = matrices_[std::size_t(i)];
      const auto weight = weights.subspan(matrix.offset, matrix.size());
      const auto gradient = gradients.subspan(matrix.offset, matrix.size());
      const auto velocity = moments_[0].floats().subspan(matrix.offset, matrix.size());
      update.resize(matrix.size());
      for (std::size_t k = 0; k < update.size(); ++k) {
        velocity[k] = momentum * velocity[k] + gradient[k];
        update[k] = gradient[k] + momentum * velocity[k];
      }
      orthogonalizers_[std::size_t(worker)].run(update, matrix.rows, matrix.columns);
      // So that elements change as much as Adam's do (Liu et al., 2025, arXiv 2502.16982).
      const double spread = 0.2 * std::sqrt(double(std::max(matrix.rows, matrix.columns)));
      const auto rate = float(learning_rate * spread);
      for (std::size_t k = 0; k < update.size(); ++k) {
        weight[k] = keep * weight[k] - rate * update[k];
      }
    }
  });
}

// `weights` starts at `begin` of the buffer; the part of every kernel that lies in it shrinks.
void Optimizer::decay(std::span<float> weights, std::size_t begin, float keep) const {
  const std::size_t end = begin + weights.size();
  for (const auto& [offset, size] : decayed_) {
    const std::size_t from = std::max(begin, offset);
    const std::size_t to = std::min(end, offset + size);
    if (from < to) shrink(weights.subspan(from - begin, to - from), keep);
  }
}

}  // namespace tailor::internal
