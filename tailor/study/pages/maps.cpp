#include "tailor/study/pages/maps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"
#include "tailor/embed/align.hpp"
#include "tailor/embed/components/pca.hpp"
#include "tailor/embed/neighbours/neighbours.hpp"
#include "tailor/embed/quality.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kFewestPoints = 10;
constexpr int kComponents = 50;  // what everyone embeds; keeps 86 % of Fashion-MNIST's variance
constexpr int kNearest = 10;     // neighbours of a pinned point
constexpr int kSampled = 5000;   // points that trustworthiness is measured on

// The first columns of rows of `columns`.
std::vector<float> leading(std::span<const float> rows, std::size_t columns, std::size_t wanted) {
  std::vector<float> out;
  out.reserve(rows.size() / columns * wanted);
  for (std::size_t first = 0; first < rows.size(); first += columns) {
    out.insert(out.end(), rows.begin() + std::ptrdiff_t(first),
               rows.begin() + std::ptrdiff_t(first + wanted));
  }
  return out;
}

// Points that span fewer directions than the map has start on a line.
std::vector<float> start_of(std::span<const float> projected, std::size_t columns,
                            std::size_t points, std::size_t dimensions) {
  if (columns >= dimensions) return leading(projected, columns, dimensions);
  std::vector<float> out(points * dimensions);
  for (std::size_t i = 0; i < points; ++i) {
    for (std::size_t d = 0; d < columns; ++d) out[i * dimensions + d] = projected[i * columns + d];
  }
  return out;
}

Neighbours nearest_of(const Neighbours& all, int k) {
  if (all.k <= k) return all;
  Neighbours few{all.points, k, {}, {}};
  for (std::size_t first = 0; first < all.index.size(); first += std::size_t(all.k)) {
    const auto begin = std::ptrdiff_t(first);
    few.index.insert(few.index.end(), all.index.begin() + begin, all.index.begin() + begin + k);
    few.distance.insert(few.distance.end(), all.distance.begin() + begin,
                        all.distance.begin() + begin + k);
  }
  return few;
}

}  // namespace

bool can_be_mapped(std::span<const float> values, std::size_t points) {
  if (points < kFewestPoints) return false;
  const auto first = values.first(values.size() / points);
  for (std::size_t at = first.size(); at < values.size(); at += first.size()) {
    if (!std::ranges::equal(first, values.subspan(at, first.size()))) return true;
  }
  return false;
}

std::optional<Map> make_map(const MapJob& job, Engine& engine, const TsneHooks& hooks,
                            const Observer& observer) {
  if (!can_be_mapped(job.values, job.points)) {
    throw bad_input(
        fmt::format("a map needs at least {} images that are not all the same", kFewestPoints));
  }
  Map map;
  Stopwatch watch;
  const auto work_on = [&](const char* what) { observer.work_on(job.name + ": " + what); };
  work_on("principal components");
  const Pca pca = fit_pca(job.values, job.points, kComponents, engine);
  const std::vector<float> projected = project(pca, job.values, job.points, engine);
  map.seconds.components = watch.seconds();

  watch = Stopwatch();
  work_on("nearest neighbours");
  map.neighbours =
      nearest_neighbours(projected, job.points, neighbours_for(job.tsne, job.points), engine);
  map.seconds.neighbours = watch.seconds();

  watch = Stopwatch();
  work_on("t-SNE");
  const auto start = start_of(projected, std::size_t(pca.components), job.points,
                              std::size_t(job.tsne.dimensions));
  auto embedding = tsne(map.neighbours, start, job.tsne, engine, hooks);
  if (!embedding) return std::nullopt;
  map.embedding = std::move(*embedding);
  if (job.beside != nullptr) align_map(map.embedding, job.beside->coordinates());
  map.embedding.name = job.name;
  map.embedding.method = method_text(job.tsne);
  map.seconds.tsne = watch.seconds();

  watch = Stopwatch();
  work_on("quality of the map");
  const double kl = map.embedding.quality.kl;
  map.embedding.quality =
      map_quality(projected, map.neighbours, map.embedding.coordinates(), job.tsne.dimensions,
                  job.labels, kSampled, job.tsne.seed, engine);
  map.embedding.quality.kl = kl;
  map.seconds.quality = watch.seconds();
  return map;
}

ExplorerData explorer_of(Rows points, std::size_t first_test, std::string title) {
  ExplorerData page;
  page.title = std::move(title);
  page.subtitle = fmt::format("{} images, {}, {} classes", grouped(double(points.size())),
                              to_string(points.set->shape), points.set->classes());
  for (const std::uint32_t row : points.indices) page.in_test.push_back(row >= first_test);
  page.points = std::move(points);
  return page;
}

void add_map(ExplorerData& page, Map map) {
  page.neighbours.push_back(nearest_of(map.neighbours, kNearest));
  page.maps.push_back(std::move(map.embedding));
}

void add_predictions(ExplorerData& page, std::span<const float> probabilities) {
  const std::size_t classes = page.points.set->class_names.size();
  for (std::size_t first = 0; first < probabilities.size(); first += classes) {
    const auto row = probabilities.subspan(first, classes);
    const auto best = std::max_element(row.begin(), row.end());
    page.predicted.push_back(std::uint8_t(best - row.begin()));
    page.confidence.push_back(*best);
  }
}

std::string method_text(const TsneOptions& options) {
  return fmt::format("t-SNE of {} principal components, perplexity {:g}, {} steps, seed {}",
                     kComponents, options.perplexity, options.steps, options.seed);
}

}  // namespace tailor::internal
