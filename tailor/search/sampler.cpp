#include "tailor/search/sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/random/numpy_random.hpp"

namespace tailor::internal {
namespace {

// rvs() of scipy's frozen distributions, and scikit-learn's draw from a list.
struct Draw {
  NumpyRandom& random;

  Value operator()(const Choices& choices) const {
    return choices[std::size_t(random.randint(0, std::int64_t(choices.size())))];
  }
  Value operator()(const UniformRange& range) const {
    if (range.scale == 0) return range.loc;  // scipy draws nothing here
    return quantile(range, random.random_sample());
  }
  Value operator()(const LogUniformRange& range) const {
    return quantile(range, random.random_sample());
  }
  Value operator()(const IntegerRange& range) const {
    return random.randint(range.low, range.high);
  }
};

// sklearn.utils.random.sample_without_replacement(population, count, method="auto") in its three
// cases, each of which draws differently.
std::vector<std::uint64_t> sample_permutation(NumpyRandom& random, std::uint64_t population,
                                              std::size_t count) {
  std::vector<int> order(population);  // under 100 x count
  std::iota(order.begin(), order.end(), 0);
  random.shuffle(order);
  return {order.begin(), order.begin() + std::ptrdiff_t(count)};
}

std::vector<std::uint64_t> sample_tracking(NumpyRandom& random, std::uint64_t population,
                                           std::size_t count) {
  std::vector<std::uint64_t> chosen;
  std::unordered_set<std::uint64_t> seen;
  while (chosen.size() < count) {
    const auto index = std::uint64_t(random.randint(0, std::int64_t(population)));
    if (seen.insert(index).second) chosen.push_back(index);
  }
  return chosen;
}

std::vector<std::uint64_t> sample_reservoir(NumpyRandom& random, std::uint64_t population,
                                            std::size_t count) {
  std::vector<std::uint64_t> chosen(count);
  std::iota(chosen.begin(), chosen.end(), 0);
  for (std::uint64_t i = count; i < population; ++i) {
    const auto slot = std::size_t(random.randint(0, std::int64_t(i) + 1));
    if (slot < count) chosen[slot] = i;
  }
  return chosen;
}

std::vector<std::uint64_t> sample_without_replacement(NumpyRandom& random, std::uint64_t population,
                                                      std::size_t count) {
  const double ratio = double(count) / double(population);
  if (ratio > 0.01 && ratio < 0.99) return sample_permutation(random, population, count);
  return ratio < 0.2 ? sample_tracking(random, population, count)
                     : sample_reservoir(random, population, count);
}

Sample sample_grid(const std::vector<Space>& spaces, int n_iter, NumpyRandom& random) {
  Sample sample;
  const std::uint64_t points = grids_size(spaces);
  auto count = std::size_t(n_iter);
  if (points < count) {
    count = std::size_t(points);
    sample.warning = fmt::format(
        "search.space has {} points, fewer than search.n_iter = {}: each is tried once; "
        "search.strategy = \"grid\" does the same in the grid's order",
        points, n_iter);
  }
  for (const std::uint64_t index : sample_without_replacement(random, points, count)) {
    sample.candidates.push_back(grid_point(spaces, index));
  }
  return sample;
}

Sample sample_distributions(const std::vector<Space>& spaces, int n_iter, NumpyRandom& random) {
  Sample sample;
  for (int i = 0; i < n_iter; ++i) {
    const Space& space = spaces[std::size_t(random.randint(0, std::int64_t(spaces.size())))];
    Settings settings;
    for (const Dimension& dimension : space) {
      settings[dimension.path] = std::visit(Draw{random}, dimension.from);
    }
    sample.candidates.push_back(std::move(settings));
  }
  return sample;
}

}  // namespace

bool lists_only(const std::vector<Space>& spaces) {
  const auto is_list = [](const Dimension& d) { return std::holds_alternative<Choices>(d.from); };
  return std::all_of(spaces.begin(), spaces.end(), [&](const Space& space) {
    return std::all_of(space.begin(), space.end(), is_list);
  });
}

Sample sample_parameters(const std::vector<Space>& spaces, int n_iter, std::uint32_t random_state) {
  if (n_iter < 1) {
    throw bad_input(fmt::format("search.n_iter must be at least 1, not {}", n_iter));
  }
  if (std::uint64_t(n_iter) > kMostCandidates) {
    throw bad_input(
        fmt::format("search.n_iter must be at most {}, not {}", kMostCandidates, n_iter));
  }
  if (spaces.empty()) {
    throw bad_input("the search has no space; say in [search.space] which options vary");
  }
  const std::vector<Space> sorted = checked_and_sorted(spaces);
  NumpyRandom random(random_state);
  return lists_only(sorted) ? sample_grid(sorted, n_iter, random)
                            : sample_distributions(sorted, n_iter, random);
}

}  // namespace tailor::internal
