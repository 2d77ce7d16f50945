#include "tailor/search/strategy.hpp"

#include <memory>
#include <utility>

namespace tailor::internal {

Propose one_after_the_other(std::vector<Settings> candidates) {
  const auto list = std::make_shared<const std::vector<Settings>>(std::move(candidates));
  return [list](const History& history) -> std::optional<Settings> {
    if (history.size() >= list->size()) return std::nullopt;
    return (*list)[history.size()];
  };
}

std::vector<Settings> proposed_without_scores(const Propose& propose) {
  std::vector<Settings> candidates;
  History history;
  while (std::optional<Settings> next = propose(history)) {
    candidates.push_back(*next);
    history.push_back({std::move(*next), std::nullopt});
  }
  return candidates;
}

}  // namespace tailor::internal
