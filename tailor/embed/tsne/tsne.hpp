// t-distributed stochastic neighbour embedding (van der Maaten & Hinton 2008): points that are
// neighbours stay together on a plane. PCA initialisation, early exaggeration and learning rate as
// in Kobak & Berens 2019 and Belkina et al. 2019; repulsion by interpolation and FFT on the plane
// (Linderman et al. 2019), by a Barnes-Hut tree in space (van der Maaten 2014).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "tailor/core/stop.hpp"
#include "tailor/embed/records.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {

struct TsneOptions {
  int dimensions = 2;  // 2 or 3
  double perplexity = 30;
  double exaggeration = 12;
  int exaggerated_steps = 250;
  int steps = 750;         // all, the exaggerated ones included
  int frames = 60;         // kept of the way, the first and the last included
  std::uint64_t seed = 1;  // of the jitter that parts equal points
};

struct TsneProgress {
  int step = 0;
  int steps = 0;
  double kl = 0;  // of the last step it was computed at
};

struct TsneHooks {
  std::function<void(const TsneProgress&)> on_step;  // every 10th step and the last
  const StopFlag* stop = nullptr;
};

// How many neighbours a perplexity wants: 3 x perplexity, at most points - 1. Where that is fewer,
// the perplexity is lowered to a third of them.
int neighbours_for(const TsneOptions& options, std::size_t points);

// `start`: points x dimensions, any scale (the first principal components); it is scaled to a
// deviation of 1e-4 of its first column. The result's bytes do not depend on the number of threads.
// `name` and `quality` but its KL are the caller's to fill. nullopt when stopped. Throws bad_input
// for options out of range and for fewer neighbours than neighbours_for() says.
std::optional<Embedding> tsne(const Neighbours& neighbours, std::span<const float> start,
                              const TsneOptions& options, Engine& engine, const TsneHooks& hooks);

}  // namespace tailor::internal
