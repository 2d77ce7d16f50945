#include "tailor/study/held_out.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/data/group_folds.hpp"
#include "tailor/data/rows.hpp"
#include "tailor/search/memory_store.hpp"

namespace tailor::internal {
namespace {

// How many images the folds hold out, each exactly once; nullopt where they do anything else.
std::optional<std::size_t> images_held_out_once(const std::vector<Fold>& folds) {
  std::vector<bool> seen;
  for (const Fold& fold : folds) {
    seen.resize(std::max(seen.size(), fold.train.size() + fold.test.size()));
    for (const std::uint32_t row : fold.test) {
      if (row >= seen.size() || seen[row]) return std::nullopt;
      seen[row] = true;
    }
  }
  if (seen.empty() || std::find(seen.begin(), seen.end(), false) != seen.end()) return std::nullopt;
  return seen.size();
}

int images_of_the_rarest_class(const Dataset& set) {
  const std::vector<std::int64_t> counts = class_counts(set);
  return counts.empty() ? 0 : int(*std::ranges::min_element(counts));
}

}  // namespace

std::optional<std::vector<float>> out_of_fold_probabilities(const SearchPlan& plan,
                                                            StudyStore& store, int candidate,
                                                            int classes) {
  const std::optional<std::size_t> images = images_held_out_once(plan.folds);
  if (!images.has_value()) return std::nullopt;
  const auto width = std::size_t(classes);
  std::vector<float> all(*images * width);
  for (std::size_t f = 0; f < plan.folds.size(); ++f) {
    const Indices& rows = plan.folds[f].test;
    const std::vector<float> part = store.probabilities(candidate, int(f));
    if (part.empty()) return std::nullopt;
    if (part.size() != rows.size() * width) {
      throw bad_input(fmt::format(
          "the study holds {} probabilities for fold {} of candidate {}, not {} images times {} "
          "classes; start anew",
          part.size(), f, candidate, rows.size(), classes));
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(part.begin() + std::ptrdiff_t(i * width), width,
                  all.begin() + std::ptrdiff_t(rows[i] * width));
    }
  }
  return all;
}

std::optional<std::vector<float>> cross_validated_probabilities(const Experiment& experiment,
                                                                const Dataset& train,
                                                                const SearchHooks& hooks) {
  Experiment one = experiment;
  one.search.error_score = "raise";  // a fold without predictions is of no use here
  SearchPlan plan;
  plan.candidates = {Settings{}};
  plan.folds = folds_of(train, {.splits = one.search.cv,
                                .shuffle = one.search.shuffle,
                                .random_state = std::uint32_t(one.search.random_state)});
  MemoryStore store;
  if (!run_search(one, plan, train, "", store, hooks)) return std::nullopt;
  return out_of_fold_probabilities(plan, store, 0, train.classes());
}

Experiment quick_judges(const Dataset& train, std::uint64_t seed) {
  constexpr int kImages = 120'000;  // the set's, times epochs
  Experiment experiment;
  experiment.seed = seed;
  experiment.model.kernels = 16;
  experiment.model.dropout = 0.3;
  experiment.train.learning_rate = 0.003;
  experiment.train.schedule = "one_cycle";
  experiment.train.batch = train.size() < 5000 ? 16 : 64;
  experiment.search.cv = std::clamp(images_of_the_rarest_class(train), 2, 3);
  const int images = std::max(1, int(train.size()));
  experiment.trial.epochs = std::clamp(kImages / images, 2, 60);
  return experiment;
}

}  // namespace tailor::internal
