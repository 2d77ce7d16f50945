#include "tailor/nn/regions.hpp"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "tailor/nn/lower/pass_names.hpp"
#include "tailor/nn/test_nets.hpp"

namespace tailor::internal {
namespace {

using StageOfStep = std::tuple<int, OpPhase, int>;

struct Drawn {
  Drawn(const Spec& spec, const RegionSite& who, int images = 32) : engine(who.threads) {
    const PlanSite site{engine, images, Phase::kTraining, Precision::kF32};
    program.table = param_table(spec);
    build(test::chosen(spec, site), site, program);
    regions = draw_regions(program.steps, who);
  }
  Engine engine;
  Program program;
  Regions regions;
};

// The region of every stage; that all its items are there, once.
std::map<StageOfStep, int> places(const std::vector<Region>& regions,
                                  const std::vector<Step>& steps) {
  std::map<StageOfStep, int> place;
  std::map<StageOfStep, int> items;
  for (int r = 0; r < int(regions.size()); ++r) {
    const Region& region = regions[std::size_t(r)];
    for (const Task& t : region.pieces) {
      EXPECT_TRUE(place.emplace(StageOfStep(t.step, t.phase, t.stage), r).second);
    }
    for (const Task& t : region.parts) {
      const StageOfStep stage(t.step, t.phase, t.stage);
      EXPECT_EQ(place.emplace(stage, r).first->second, r);
      items[stage] += t.last - t.first;
    }
  }
  for (const auto& [stage, count] : items) {
    const auto [step, phase, number] = stage;
    EXPECT_EQ(count, steps[std::size_t(step)].op->stages(phase).list[number].count);
  }
  return place;
}

void expect_all_stages(const Drawn& drawn, const std::map<StageOfStep, int>& place,
                       std::initializer_list<OpPhase> phases) {
  for (int i = 0; i < int(drawn.program.steps.size()); ++i) {
    const Step& step = drawn.program.steps[std::size_t(i)];
    for (const OpPhase phase : phases) {
      const bool weighs = phase == OpPhase::kLoad || phase == OpPhase::kBackwardWeights;
      if (weighs && step.kernel == nullptr) continue;
      if (phase == OpPhase::kBackwardData && !step.differentiates_data) continue;
      for (int s = 0; s < step.op->stages(phase).count; ++s) {
        EXPECT_TRUE(place.contains({i, phase, s})) << step.name << " " << name_of(phase);
      }
    }
  }
}

// check(what is drawn) for many nets, on one thread and on more.
template <typename Check>
void for_nets(Check check) {
  std::vector<Spec> nets = test::odd_nets();
  for (const Spec& spec : test::library_nets()) nets.push_back(spec);
  for (const Spec& spec : nets) {
    for (const RegionSite& who : {RegionSite{1}, {3}, {3, true}}) check(Drawn(spec, who));
  }
}

TEST(Regions, HoldEveryStageOnce) {
  for_nets([](const Drawn& drawn) {
    const auto& steps = drawn.program.steps;
    expect_all_stages(drawn, places(drawn.regions.load, steps), {OpPhase::kLoad});
    expect_all_stages(drawn, places(drawn.regions.forward, steps), {OpPhase::kForward});
    expect_all_stages(
        drawn, places(drawn.regions.backward, steps),
        {OpPhase::kPrepareBackward, OpPhase::kBackwardWeights, OpPhase::kBackwardData});
  });
}

TEST(Regions, SumGradientsOnlyOfWhatAnEarlierOneLeft) {
  for_nets([](const Drawn& drawn) {
    const auto place = places(drawn.regions.backward, drawn.program.steps);
    for (const auto& [stage, region] : place) {
      const auto [step, phase, number] = stage;
      if (phase != OpPhase::kBackwardWeights) continue;
      if (number > 0) {
        EXPECT_GT(region, place.at({step, phase, number - 1}));
      }
      for (const auto& [before, earlier] : place) {
        const bool makes = std::get<0>(before) > step && std::get<1>(before) != phase;
        const bool masks =
            std::get<0>(before) == step && std::get<1>(before) == OpPhase::kPrepareBackward;
        if (makes || masks) {
          EXPECT_LT(earlier, region);
        }
      }
    }
  });
}

TEST(Regions, SayWhoseGradientsAreComplete) {
  for_nets([](const Drawn& drawn) {
    const auto& regions = drawn.regions.backward;
    const auto place = places(regions, drawn.program.steps);
    for (const auto& [stage, region] : place) {
      const auto [step, phase, number] = stage;
      if (phase != OpPhase::kBackwardWeights) continue;
      for (int r = 0; r < region; ++r) EXPECT_GT(regions[std::size_t(r)].complete_from, step);
    }
    EXPECT_EQ(regions.back().complete_from, 0);
  });
}

// What peers sum, and when: a change of what is complete, or a stage of the whole batch, in which
// batch normalisation sums.
std::vector<int> meetings(const Drawn& drawn) {
  std::vector<int> list;
  int complete = int(drawn.program.steps.size());
  for (const Region& region : drawn.regions.backward) {
    if (region.alone) list.push_back(-1 - region.parts[0].step);
    if (region.complete_from != complete) list.push_back(region.complete_from);
    complete = region.complete_from;
  }
  return list;
}

TEST(Regions, LetPeersMeetAtTheSameMomentsWhateverTheirThreadsAndImages) {
  for (const Spec& spec : test::library_nets()) {
    const std::vector<int> one = meetings(Drawn(spec, {1, true}, 128));
    EXPECT_EQ(meetings(Drawn(spec, {3, true}, 128)), one);
    EXPECT_EQ(meetings(Drawn(spec, {2, true}, 127)), one);
  }
  for (const Spec& spec : test::odd_nets()) {
    EXPECT_EQ(meetings(Drawn(spec, {3, true}, 7)), meetings(Drawn(spec, {1, true}, 128)));
  }
}

TEST(Regions, AreFew) {
  const Drawn seed(test::seed_net(32, {1, 28, 28}), {2});
  EXPECT_EQ(seed.regions.load.size(), 1u);
  EXPECT_EQ(seed.regions.forward.size(), 3u);  // convolutions and dropout, dense, dense
  EXPECT_LE(seed.regions.backward.size(), 6u);
  const std::string text = to_string(seed.regions, seed.program.steps);
  EXPECT_NE(text.find("  pieces: input, layers.2 conv2d"), std::string::npos) << text;
}

}  // namespace
}  // namespace tailor::internal
