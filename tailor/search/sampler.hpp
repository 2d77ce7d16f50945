// scikit-learn's ParameterSampler, candidate for candidate.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tailor/search/space.hpp"

namespace tailor::internal {

struct Sample {
  std::vector<Settings> candidates;
  std::string warning;  // scikit-learn's UserWarning in one line where the grid is smaller than
                        // n_iter; otherwise ""
};

// Equal to list(ParameterSampler(spaces, n_iter, random_state)): lists only = without replacement
// over the grid(s); any distribution = with replacement. Keys in sorted order; several spaces =
// scikit-learn's list of dicts. Values from lists keep their type. The only freedom is the last bit
// of loguniform: numpy takes its own exp and log on CPUs with AVX-512, within one unit in the last
// place of the C library's, which are used here and by numpy elsewhere. Throws bad_input for an
// invalid space, no space at all, n_iter < 1, or a grid of 2^63 points and more.
Sample sample_parameters(const std::vector<Space>& spaces, int n_iter, std::uint32_t random_state);

// True where every dimension of every space is a list, so that candidates are points of a grid.
bool lists_only(const std::vector<Space>& spaces);

}  // namespace tailor::internal
