// What a training plan runs between two moments at which all its threads are done: a step in a few
// regions, in place of a meeting after every operation.
//
// Pieces of the batch go through the stages of several operations, each piece on its own. Parts of
// what is summed over the batch, a layer's gradients above all, stand beside the pieces of the
// operations before it. So few moments are left at which threads wait for one that the system has
// put aside. A stage of the whole batch stands alone.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tailor/ops/op.hpp"

namespace tailor::internal {

struct Step;

// Items first..last-1 of one stage of a step's operation.
struct Task {
  int step = 0;  // kReadImages: no operation's
  OpPhase phase = OpPhase::kForward;
  int stage = 0;
  int first = 0;
  int last = 1;
  double microseconds = 0;
  int thread = 0;  // a part's: who takes it unless another runs out of its own
};
inline constexpr int kReadImages = -1;

struct Region {
  std::vector<Task> pieces;  // what every piece goes through, in order
  std::vector<Task> parts;   // in any order; by thread, then the longest first
  double microseconds = 0;   // all of it on one thread, about
  bool alone = false;        // one part, of the whole batch, on the thread that asks
  // Of the backward half: when it is done, so are the gradients of all steps from this one on
  int complete_from = 0;
};

// Of one half of a step each, in order.
struct Regions {
  std::vector<Region> load, forward, backward;
};

// Who runs them. For one thread, and where there are peers, every stage is a region of its own.
struct RegionSite {
  int threads = 1;
  bool has_peers = false;
};

// What a thread wrote in one region mostly lies in its cache in the next, so it has the first claim
// on its part of the images there.
Regions draw_regions(const std::vector<Step>& steps, const RegionSite& site);

// A line each, for reading: "pieces: input, layers.2 conv2d forward; parts: ..."
std::string to_string(const Regions& regions, const std::vector<Step>& steps);

}  // namespace tailor::internal
