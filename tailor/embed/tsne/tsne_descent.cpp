#include "tailor/embed/tsne/tsne_descent.hpp"

#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "tailor/embed/tsne/tsne_attraction.hpp"
#include "tailor/embed/tsne/tsne_blocks.hpp"
#include "tailor/embed/tsne/tsne_order.hpp"

namespace tailor::internal {
namespace {

constexpr float kMomentum = 0.8f;  // also while exaggerated: openTSNE's issue 220
constexpr float kGainUp = 0.2f;
constexpr float kGainDown = 0.8f;
constexpr float kLeastGain = 0.01f;
constexpr float kLongestStep = 5;  // nobody is thrown across the map

struct Middle {
  std::array<double, 3> sum{};
  void operator+=(const Middle& other) {
    for (std::size_t d = 0; d < sum.size(); ++d) sum[d] += other.sum[d];
  }
};

float sign(float v) {
  return float(int(v > 0) - int(v < 0));
}

void reorder(std::vector<float>& values, std::size_t width, std::span<const std::uint32_t> order) {
  std::vector<float> out(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t d = 0; d < width; ++d) out[i * width + d] = values[order[i] * width + d];
  }
  values = std::move(out);
}

}  // namespace

Descent::Descent(Affinities affinities, std::vector<float> start, int dimensions, Team& team)
    : dimensions_(dimensions),
      team_(team),
      affinities_(std::move(affinities)),
      repulsion_(make_repulsion(affinities_.points(), dimensions, team)),
      name_(affinities_.points()),
      place_(std::move(start)),
      step_(place_.size(), 0),
      gain_(place_.size(), 1),
      pull_(place_.size()),
      push_(place_.size()) {
  std::iota(name_.begin(), name_.end(), 0u);
}

void Descent::compute_forces() {
  attract(affinities_, place_, dimensions_, team_, pull_);
  z_ = repulsion_->compute(place_, push_);
}

// sum p log(p / q) with q = 1 / ((1 + d^2) Z).
double Descent::kl() const {
  return stretch(affinities_, place_, dimensions_, team_) + std::log(z_) - affinities_.entropy;
}

void Descent::move(std::size_t begin, std::size_t end, double exaggeration) {
  const auto width = std::size_t(dimensions_);
  const auto rate = float(double(name_.size()) / exaggeration);
  const auto attraction = float(exaggeration);
  const auto repulsion = float(1 / z_);
  for (std::size_t i = begin; i < end; ++i) {
    float length = 0;
    for (std::size_t c = i * width; c < (i + 1) * width; ++c) {
      const float gradient = attraction * pull_[c] - repulsion * push_[c];
      const bool turned = sign(step_[c]) != sign(gradient);
      gain_[c] = turned ? gain_[c] + kGainUp : gain_[c] * kGainDown + kLeastGain;
      step_[c] = kMomentum * step_[c] - rate * gain_[c] * gradient;
      length += step_[c] * step_[c];
    }
    const float shorten =
        length > kLongestStep * kLongestStep ? kLongestStep / std::sqrt(length) : 1.0f;
    for (std::size_t c = i * width; c < (i + 1) * width; ++c) {
      step_[c] *= shorten;
      place_[c] += step_[c];
    }
  }
}

void Descent::step(double exaggeration) {
  const auto width = std::size_t(dimensions_);
  const Middle middle =
      sum_blocks<Middle>(name_.size(), team_, [&](std::size_t begin, std::size_t end) {
        move(begin, end, exaggeration);
        Middle part;
        for (std::size_t i = begin; i < end; ++i) {
          for (std::size_t d = 0; d < width; ++d) part.sum[d] += place_[i * width + d];
        }
        return part;
      });
  for_blocks(name_.size(), team_, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      for (std::size_t d = 0; d < width; ++d) {
        place_[i * width + d] -= float(middle.sum[d] / double(name_.size()));
      }
    }
  });
}

void Descent::put_in_order() {
  const std::vector<std::uint32_t> order = morton_order(place_, dimensions_).point;
  const auto width = std::size_t(dimensions_);
  affinities_ = renumbered(affinities_, order, team_);
  for (std::vector<float>* values : {&place_, &step_, &gain_}) reorder(*values, width, order);
  std::vector<std::uint32_t> names(name_.size());
  for (std::size_t i = 0; i < order.size(); ++i) names[i] = name_[order[i]];
  name_ = std::move(names);
}

std::vector<float> Descent::coordinates() const {
  const auto width = std::size_t(dimensions_);
  std::vector<float> out(place_.size());
  for (std::size_t i = 0; i < name_.size(); ++i) {
    for (std::size_t d = 0; d < width; ++d) out[name_[i] * width + d] = place_[i * width + d];
  }
  return out;
}

}  // namespace tailor::internal
