// Gradients added up over all peers while the backward pass still makes the rest of them.
#pragma once

#include <cstddef>
#include <span>

#include "tailor/core/peers.hpp"

namespace tailor::internal {

class GradientSums {
 public:
  // Both must outlive it.
  GradientSums(Peers& peers, std::span<float> gradients)
      : peers_(peers), gradients_(gradients), pending_end_(gradients.size()) {}

  // All from element `first` to the end are complete (Plan::backward says so). Starts a sum as soon
  // as enough for one has come together, and moves on those that run.
  void complete_from(std::size_t first);

  // Until every sum is there; the next backward pass may begin.
  void finish();

 private:
  void start(std::size_t first);

  Peers& peers_;
  std::span<float> gradients_;
  std::size_t pending_end_;  // what is complete before it has not been started
};

}  // namespace tailor::internal
