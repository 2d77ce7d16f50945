// Gradient descent on the Kullback-Leibler divergence between who attracts whom in the data and on
// the map, with momentum and a gain per coordinate (van der Maaten & Hinton 2008, as in openTSNE).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tailor/core/team/team.hpp"
#include "tailor/embed/tsne/affinities.hpp"
#include "tailor/embed/tsne/repulsion.hpp"

namespace tailor::internal {

class Descent {
 public:
  // `start`: points x dimensions, as the map begins.
  Descent(Affinities affinities, std::vector<float> start, int dimensions, Team& team);

  // Computes what pulls and pushes at the places as they are: to come before kl() and step().
  void compute_forces();
  // Of the places as they are, with the affinities as they are (not exaggerated).
  double kl() const;
  // Moves every point along its forces and the map back to its middle. The learning rate is
  // points / exaggeration (Belkina et al. 2019).
  void step(double exaggeration);

  // Renumbers the points along a curve through the map as it is now, so that what is computed
  // together lies together in memory. Changes no place.
  void put_in_order();

  // The map in the order that points had at the start.
  std::vector<float> coordinates() const;

 private:
  void move(std::size_t begin, std::size_t end, double exaggeration);

  int dimensions_;
  Team& team_;
  Affinities affinities_;
  std::unique_ptr<Repulsion> repulsion_;
  double z_ = 1;
  std::vector<std::uint32_t> name_;  // at the start, of the point that is number i now
  std::vector<float> place_;
  std::vector<float> step_;
  std::vector<float> gain_;
  std::vector<float> pull_;
  std::vector<float> push_;
};

}  // namespace tailor::internal
