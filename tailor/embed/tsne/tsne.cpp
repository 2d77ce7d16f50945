#include "tailor/embed/tsne/tsne.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/embed/tsne/affinities.hpp"
#include "tailor/embed/tsne/tsne_descent.hpp"

namespace tailor::internal {
namespace {

constexpr double kStartDeviation = 1e-4;
constexpr double kJitter = 0.01;  // of it: equal points would never part (openTSNE's issue 224)
constexpr int kProgressEvery = 10;

// In order, 70,000 points attract each other in 7 ms instead of 13, and sorting takes 110 (both on
// one thread); a map moves slowly enough for an order to last.
constexpr int kOrderEvery = 100;

void require(bool right, const std::string& message) {
  if (!right) throw bad_input("t-SNE: " + message);
}

void check(const Neighbours& neighbours, std::span<const float> start, const TsneOptions& options) {
  require(options.dimensions == 2 || options.dimensions == 3,
          fmt::format("{} dimensions; a map has 2 or 3", options.dimensions));
  require(options.perplexity >= 1 && std::isfinite(options.perplexity),
          fmt::format("perplexity {} is not at least 1", options.perplexity));
  require(options.exaggeration >= 1 && std::isfinite(options.exaggeration),
          fmt::format("exaggeration {} is not at least 1", options.exaggeration));
  require(options.steps >= 1, fmt::format("{} steps; at least 1 is needed", options.steps));
  require(options.exaggerated_steps >= 0 && options.exaggerated_steps <= options.steps,
          fmt::format("{} exaggerated steps of {}", options.exaggerated_steps, options.steps));
  require(options.frames >= 2, fmt::format("{} frames; at least 2 are kept", options.frames));
  require(neighbours.points >= 2, fmt::format("{} points; a map needs 2", neighbours.points));
  const int wanted = neighbours_for(options, neighbours.points);
  require(neighbours.k >= wanted,
          fmt::format("perplexity {} wants {} neighbours of each point, not {}", options.perplexity,
                      wanted, neighbours.k));
  require(start.size() == neighbours.points * std::size_t(options.dimensions),
          fmt::format("a start of {} numbers for {} points in {} dimensions", start.size(),
                      neighbours.points, options.dimensions));
  require(std::all_of(start.begin(), start.end(), [](float v) { return std::isfinite(v); }),
          "the start holds numbers that are not finite");
}

std::vector<float> scaled(std::span<const float> start, const TsneOptions& options) {
  const auto width = std::size_t(options.dimensions);
  const auto points = double(start.size() / width);
  double mean = 0;
  for (std::size_t i = 0; i < start.size(); i += width) mean += start[i] / points;
  double variance = 0;
  for (std::size_t i = 0; i < start.size(); i += width) {
    variance += (start[i] - mean) * (start[i] - mean) / points;
  }
  const double scale = variance > 0 ? kStartDeviation / std::sqrt(variance) : 0;
  const Rng rng(options.seed, Purpose::kDraw);
  std::vector<float> out(start.size());
  for (std::size_t i = 0; i < start.size(); ++i) {
    out[i] = float(start[i] * scale + kJitter * kStartDeviation * rng.normal(i));
  }
  return out;
}

// Which steps are kept. Half of the frames show the exaggerated part, evenly: it goes from a dot to
// the rough map. The other half begins dense, because the map swells most right after exaggeration
// ends, and thins out (power 1.5: after 3, 9, 16, ... of 500 steps) while clusters only settle.
std::vector<int> moments(const TsneOptions& options) {
  std::vector<int> out{0};
  const int phases[] = {0, options.exaggerated_steps, options.steps};
  const int last = options.frames - 1;
  const int half = options.exaggerated_steps == 0 ? 0 : std::max(1, last / 2);
  const auto add = [&](int begin, int end, int count, double power) {
    for (int i = 1; i <= count && begin < end; ++i) {
      const double share = std::pow(double(i) / count, power);
      const int step = begin + int(std::lround(share * (end - begin)));
      if (step > out.back()) out.push_back(step);
    }
  };
  add(phases[0], phases[1], last == 1 ? 0 : half, 1);
  add(phases[1], phases[2], last == 1 ? 1 : last - half, 1.5);
  if (out.back() != options.steps) out.push_back(options.steps);
  return out;
}

}  // namespace

int neighbours_for(const TsneOptions& options, std::size_t points) {
  const double wanted = std::max(1.0, std::floor(3 * options.perplexity));
  return int(std::min(wanted, double(points) - 1));
}

std::optional<Embedding> tsne(const Neighbours& neighbours, std::span<const float> start,
                              const TsneOptions& options, Engine& engine, const TsneHooks& hooks) {
  check(neighbours, start, options);
  Descent descent(affinities(neighbours, options.perplexity, engine.team()), scaled(start, options),
                  options.dimensions, engine.team());
  Embedding out;
  out.method =
      fmt::format("t-SNE, perplexity {:.3g}, {} steps, seed {}",
                  held_perplexity(neighbours, options.perplexity), options.steps, options.seed);
  out.dimensions = options.dimensions;
  out.points = neighbours.points;
  const std::vector<int> kept = moments(options);
  for (int step = 0;; ++step) {
    if (hooks.stop != nullptr && hooks.stop->requested()) return std::nullopt;
    if (step % kOrderEvery == 0) descent.put_in_order();
    descent.compute_forces();
    if (step == kept[out.frames.size()]) {
      out.frames.push_back({step, descent.kl(), descent.coordinates()});
    }
    if (hooks.on_step && (step % kProgressEvery == 0 || step == options.steps)) {
      hooks.on_step({step, options.steps, out.frames.back().kl});
    }
    if (step == options.steps) break;
    descent.step(step < options.exaggerated_steps ? options.exaggeration : 1);
  }
  out.quality.kl = out.frames.back().kl;
  return out;
}

}  // namespace tailor::internal
