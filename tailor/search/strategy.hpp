// What chooses a search's candidates: asked for the next one, it is told what is known of those
// before. How to add a strategy is said in strategies.hpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tailor/core/value.hpp"

namespace tailor::internal {

// A candidate that a strategy asked for.
struct AskedCandidate {
  Settings params;
  std::optional<double> mean_score;  // once all its folds are done; NaN where that is no number
};

// All candidates so far, in the order in which they were asked for.
using History = std::vector<AskedCandidate>;

// The next candidate, or nullopt: there is none before more of the history is scored, and there
// never is one when all of it is scored. Must be a pure function of the history, so that a search
// that was killed goes on as if it had not been. Trials that run side by side end in any order: a
// strategy gives the same candidates for any number of them if it looks at fixed scores only, such
// as those of all but the last eight candidates, and returns nullopt while one of them is missing.
using Propose = std::function<std::optional<Settings>(const History& history)>;

struct Strategy {
  Propose propose;
  std::string warning;  // what a person should know of these candidates, or ""
  // In which order scikit-learn writes the parameters of such a search: z to a where it is true, a
  // to z elsewhere.
  bool params_descending = false;
};

// Proposes these, one after the other, whatever they score.
Propose one_after_the_other(std::vector<Settings> candidates);

// What is proposed before any score is known: all candidates of a strategy that needs none.
std::vector<Settings> proposed_without_scores(const Propose& propose);

}  // namespace tailor::internal
