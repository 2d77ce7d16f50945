// scikit-learn's RandomizedSearchCV: what ParameterSampler draws.
#include <utility>

#include "tailor/search/sampler.hpp"
#include "tailor/search/strategies.hpp"

namespace tailor::internal::strategies {

Strategy random(const SearchOptions& options) {
  const auto random_state = std::uint32_t(options.random_state);
  Sample sample = sample_parameters(options.spaces, options.n_iter, random_state);
  return {.propose = one_after_the_other(std::move(sample.candidates)),
          .warning = std::move(sample.warning),
          .params_descending = lists_only(options.spaces)};
}

}  // namespace tailor::internal::strategies
