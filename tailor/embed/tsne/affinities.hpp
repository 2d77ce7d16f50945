// Who attracts whom: the probabilities P of t-SNE (van der Maaten & Hinton 2008). Around each point
// a Gaussian is made as wide as gives its neighbours the wanted perplexity; both directions are
// averaged, and all of P sums to 1. Only given neighbours count: beyond 3 x perplexity of them a
// Gaussian holds next to nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tailor/core/team/team.hpp"
#include "tailor/embed/records.hpp"

namespace tailor::internal {

// A symmetric sparse matrix, row by row. Rows are filled up to a multiple of kRowLanes with entries
// of value 0 that point at the row itself, so that a vector unit meets no half-filled vector.
struct Affinities {
  static constexpr std::size_t kRowLanes = 16;

  std::vector<std::size_t> row_start;  // points + 1
  std::vector<std::uint32_t> column;
  std::vector<float> value;
  double entropy = 0;  // -sum of p log p

  std::size_t points() const { return row_start.size() - 1; }
};

// The perplexity that the neighbours can hold: the given one, at most a third of k, at least 1.
double held_perplexity(const Neighbours& neighbours, double perplexity);

// With the perplexity lowered to what is held. Throws bad_input for one below 1.
Affinities affinities(const Neighbours& neighbours, double perplexity, Team& team);

// The same matrix with point order[i] called i.
Affinities renumbered(const Affinities& old, std::span<const std::uint32_t> order, Team& team);

}  // namespace tailor::internal
