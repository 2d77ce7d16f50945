#include "tailor/embed/tsne/tsne.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/embed/neighbours/neighbours.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kValues = 5;

// Point i belongs to group i % groups; groups are 20 deviations apart.
std::vector<float> groups_of_points(std::size_t points, std::size_t groups) {
  const Rng rng(5, Purpose::kDraw);
  std::vector<float> out(points * kValues);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool own_axis = i % kValues == i / kValues % groups;
    out[i] = float(rng.normal(i)) + (own_axis ? 20.0f : 0.0f);
  }
  return out;
}

std::vector<float> first_values(const std::vector<float>& data, int dimensions) {
  std::vector<float> out;
  for (std::size_t i = 0; i < data.size(); i += kValues) {
    out.insert(out.end(), data.begin() + std::ptrdiff_t(i),
               data.begin() + std::ptrdiff_t(i) + dimensions);
  }
  return out;
}

std::optional<Embedding> embed(const std::vector<float>& data, TsneOptions options, int threads = 1,
                               const TsneHooks& hooks = {}) {
  Engine engine(threads);
  const std::size_t points = data.size() / kValues;
  const Neighbours neighbours =
      nearest_neighbours(data, points, neighbours_for(options, points), engine);
  return tsne(neighbours, first_values(data, options.dimensions), options, engine, hooks);
}

TsneOptions quick(int dimensions = 2) {
  TsneOptions options;
  options.dimensions = dimensions;
  options.perplexity = 10;
  options.exaggerated_steps = 60;
  options.steps = 160;
  options.frames = 9;
  return options;
}

// The share of points whose nearest on the map is of the same group.
double same_group(const Embedding& map, std::size_t groups) {
  const auto width = std::size_t(map.dimensions);
  const std::vector<float>& y = map.coordinates();
  std::size_t hits = 0;
  for (std::size_t i = 0; i < map.points; ++i) {
    double best = INFINITY;
    std::size_t nearest = 0;
    for (std::size_t j = 0; j < map.points; ++j) {
      double square = 0;
      for (std::size_t d = 0; d < width; ++d) {
        square += std::pow(double(y[i * width + d]) - y[j * width + d], 2);
      }
      if (j != i && square < best) {
        best = square;
        nearest = j;
      }
    }
    hits += nearest % groups == i % groups ? 1 : 0;
  }
  return double(hits) / double(map.points);
}

void expect_finite(const Embedding& map) {
  for (const MapFrame& frame : map.frames) {
    EXPECT_TRUE(std::isfinite(frame.kl));
    for (const float v : frame.coordinates) ASSERT_TRUE(std::isfinite(v));
  }
}

TEST(Tsne, KeepsGroupsApartOnPlaneAndInSpace) {
  // 1,600 on a plane and 600 in space: by grid and by tree; 300: exactly.
  for (const auto& [points, dimensions] : {std::pair{1600, 2}, {300, 2}, {600, 3}, {300, 3}}) {
    SCOPED_TRACE(points * 10 + dimensions);
    const auto map = embed(groups_of_points(std::size_t(points), 4), quick(dimensions));
    ASSERT_TRUE(map);
    EXPECT_EQ(map->coordinates().size(), std::size_t(points * dimensions));
    EXPECT_GT(same_group(*map, 4), 0.99);
    EXPECT_LT(map->quality.kl, 0.5 * map->frames.front().kl);
    expect_finite(*map);
  }
}

TEST(Tsne, FramesRunFromTheStartToTheEnd) {
  const std::vector<float> data = groups_of_points(200, 2);
  const auto map = embed(data, quick());
  ASSERT_EQ(map->frames.size(), 9u);
  EXPECT_EQ(map->frames.front().step, 0);
  EXPECT_EQ(map->frames.back().step, 160);
  EXPECT_EQ(map->frames.back().kl, map->quality.kl);
  for (std::size_t i = 1; i < map->frames.size(); ++i) {
    EXPECT_GT(map->frames[i].step, map->frames[i - 1].step);
  }
  // The start is the given one, scaled, but for a jitter of 1 %.
  const std::vector<float>& start = map->frames.front().coordinates;
  double squares = 0;
  for (std::size_t i = 0; i < start.size(); i += 2) squares += std::pow(double(start[i]), 2);
  double mean = 0;
  for (std::size_t i = 0; i < start.size(); i += 2) mean += start[i] / 200.0;
  EXPECT_NEAR(std::sqrt(squares / 200 - mean * mean), 1e-4, 3e-6);
  EXPECT_NEAR((start[0] - start[2]) / (data[0] - data[kValues]),
              (start[4] - start[6]) / (data[2 * kValues] - data[3 * kValues]), 2e-6);
}

TEST(Tsne, KeepsNoMoreFramesThanSteps) {
  TsneOptions options = quick();
  options.exaggerated_steps = 0;
  options.steps = 3;
  options.frames = 60;
  EXPECT_EQ(embed(groups_of_points(40, 2), options)->frames.size(), 4u);
  options.frames = 2;
  EXPECT_EQ(embed(groups_of_points(40, 2), options)->frames.size(), 2u);
}

TEST(Tsne, ThreadsDoNotChangeAByteAndTheSeedDoes) {
  for (const auto& [points, dimensions] : {std::pair{1600, 2}, {600, 3}}) {
    const std::vector<float> data = groups_of_points(std::size_t(points), 3);
    TsneOptions options = quick(dimensions);
    options.exaggerated_steps = 40;
    options.steps = 105;  // renumbered once on the way
    const auto one = embed(data, options, 1);
    for (const int threads : {2, 3}) {
      const auto map = embed(data, options, threads);
      EXPECT_EQ(map->coordinates(), one->coordinates());
      EXPECT_EQ(map->quality.kl, one->quality.kl);
    }
    options.seed = 2;
    EXPECT_NE(embed(data, options, 1)->coordinates(), one->coordinates());
  }
}

TEST(Tsne, TakesAFewPoints) {
  for (const std::size_t points : {2u, 3u, 5u, 100u}) {
    for (const int dimensions : {2, 3}) {
      TsneOptions options;  // perplexity 30 is lowered to what so few can hold
      options.dimensions = dimensions;
      options.steps = 300;
      expect_finite(*embed(groups_of_points(points, 2), options));
    }
  }
}

TEST(Tsne, TakesEqualPoints) {
  for (const auto& [points, dimensions] : {std::pair{150, 2}, {1600, 2}, {600, 3}}) {
    const auto map =
        embed(std::vector<float>(std::size_t(points) * kValues, 7.0f), quick(dimensions));
    expect_finite(*map);
  }
}

TEST(Tsne, DuplicatesEndTogetherButNotOnTop) {
  std::vector<float> data = groups_of_points(400, 4);
  std::copy_n(data.begin(), kValues, data.begin() + 9 * kValues);
  const auto map = embed(data, quick());
  const std::vector<float>& y = map->coordinates();
  const double apart = std::hypot(double(y[0]) - y[18], double(y[1]) - y[19]);
  EXPECT_GT(apart, 0);
  EXPECT_LT(apart, 1);
}

TEST(Tsne, TellsHowFarItIsAndStopsWhenAsked) {
  StopFlag stop;
  std::vector<int> steps;
  TsneHooks hooks;
  hooks.stop = &stop;
  hooks.on_step = [&](const TsneProgress& progress) {
    EXPECT_EQ(progress.steps, 160);
    EXPECT_GT(progress.kl, 0);
    steps.push_back(progress.step);
    if (progress.step == 20) stop.request();
  };
  EXPECT_FALSE(embed(groups_of_points(100, 2), quick(), 1, hooks));
  EXPECT_EQ(steps, (std::vector<int>{0, 10, 20}));
}

TEST(Tsne, RefusesWhatItCannotDo) {
  const std::vector<float> data = groups_of_points(50, 2);
  const auto expect_refused = [&](auto change, const std::string& word) {
    TsneOptions options = quick();
    change(options);
    try {
      Engine engine(1);
      tsne(nearest_neighbours(data, 50, 30, engine), first_values(data, 2), options, engine, {});
      ADD_FAILURE() << word;
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(word), std::string::npos) << e.what();
    }
  };
  expect_refused([](TsneOptions& o) { o.dimensions = 4; }, "4 dimensions");
  expect_refused([](TsneOptions& o) { o.perplexity = 0; }, "perplexity 0");
  expect_refused([](TsneOptions& o) { o.perplexity = NAN; }, "perplexity nan");
  expect_refused([](TsneOptions& o) { o.perplexity = 12; }, "wants 36 neighbours");
  expect_refused([](TsneOptions& o) { o.steps = 0; }, "0 steps");
  expect_refused([](TsneOptions& o) { o.exaggerated_steps = 161; }, "161 exaggerated");
  expect_refused([](TsneOptions& o) { o.exaggeration = 0; }, "exaggeration 0");
  expect_refused([](TsneOptions& o) { o.frames = 1; }, "1 frames");
  expect_refused([](TsneOptions& o) { o.dimensions = 3; }, "a start of 100 numbers");
}

}  // namespace
}  // namespace tailor::internal
