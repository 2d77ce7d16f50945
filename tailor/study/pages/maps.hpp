// From images to maps: principal components, neighbours, t-SNE, figures of quality; and from maps
// to the explorer's records. What `tailor data embed` and a run share.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/embed/tsne/tsne.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/report/explorer/explorer.hpp"
#include "tailor/study/observer.hpp"

namespace tailor::internal {

struct MapJob {
  std::string name;               // "raw pixels"
  std::span<const float> values;  // points x values per point
  std::size_t points = 0;
  std::span<const Label> labels;
  TsneOptions tsne;
  const Embedding* beside = nullptr;  // a map of the same points, which this one is turned to face
};

struct MapSeconds {
  double components = 0;
  double neighbours = 0;
  double tsne = 0;
  double quality = 0;
  double all() const { return components + neighbours + tsne + quality; }
};

struct Map {
  Embedding embedding;
  Neighbours neighbours;  // in the space that was embedded
  MapSeconds seconds;
};

// At least ten points that are not all the same.
bool can_be_mapped(std::span<const float> values, std::size_t points);

// nullopt when stopped. Throws bad_input for what cannot be mapped.
std::optional<Map> make_map(const MapJob& job, Engine& engine, const TsneHooks& hooks,
                            const Observer& observer);

// The page's columns about the points themselves; maps, check and predictions are the caller's. The
// set's rows from `first_test` on are test images.
ExplorerData explorer_of(Rows points, std::size_t first_test, std::string title);

// Adds a map with the neighbours the page shows.
void add_map(ExplorerData& page, Map map);

// Adds predictions: probabilities are points x classes.
void add_predictions(ExplorerData& page, std::span<const float> probabilities);

// "t-SNE, perplexity 30, 750 steps, seed 1".
std::string method_text(const TsneOptions& options);

}  // namespace tailor::internal
