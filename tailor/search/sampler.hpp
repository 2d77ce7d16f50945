// scikit-learn's ParameterSampler, candidate for candidate.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tailor/search/space.hpp"

namespace tailor {

struct Sample {
  std::vector<Settings> candidates;
  std::string warning;  // scikit-learn's UserWarning in one line where the grid is smaller than
                        // n_iter; otherwise ""
};

// Equal to list(ParameterSampler(spaces, n_iter, random_state)): lists only = without replacement
// over the grid(s); any distribution = with replacement. Keys in sorted order; several spaces =
// scikit-learn's list of dicts.
Sample sample_parameters(const std::vector<Space>& spaces, int n_iter, std::uint32_t random_state);

}  // namespace tailor
