#include "tailor/study/explanation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tailor/core/random/rng.hpp"
#include "tailor/study/training.hpp"

namespace tailor::internal {
namespace {

struct Region {
  int top, left, bottom, right;
  bool near(int y, int x, int reach) const {
    return y >= top - reach && y < bottom + reach && x >= left - reach && x < right + reach;
  }
};

// A net without hidden layers that looks at the pixels of the region alone: the brighter they are,
// the surer it is of class 0.
Model looks_at(const Region& region, const Shape& shape) {
  Model model;
  model.spec = {shape, 2, {{Flatten{}}, {Dense{2}}}};
  model.params = init_params(model.spec, 1);
  model.class_names = {"bright", "dark"};
  for (const TensorInfo& info : model.params.table.weights) {
    const std::span<float> values = model.params.tensor(info, model.params.weights);
    std::ranges::fill(values, 0.0f);
    if (info.shape.size() != 2) continue;
    for (int y = region.top; y < region.bottom; ++y) {
      for (int x = region.left; x < region.right; ++x) {
        values[std::size_t(y * shape.width + x)] = 0.002f;
      }
    }
  }
  return model;
}

TEST(Explanation, FindsThePixelsThatANetLooksAtAndNoOthers) {
  const Shape shape{1, 24, 20};
  const Region region{6, 11, 10, 15};
  const Model model = looks_at(region, shape);
  const Rng rng(7, Purpose::kDraw);
  Dataset set{shape, {}, {0}, model.class_names, {}, {}};
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x) {
      const double noise = 60 * rng.uniform(std::uint64_t(y * shape.width + x));
      set.pixels.push_back(region.near(y, x, 0) ? 240 : std::uint8_t(noise));
    }
  }
  Engine engine(1);
  const auto rows = all_rows(set);
  const std::vector<float> bright = evidence_maps(model, engine, rows, std::vector{0}).front();
  const std::vector<float> dark = evidence_maps(model, engine, rows, std::vector{1}).front();
  const int side = hidden_side(shape);
  EXPECT_EQ(side, 5);
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x) {
      const float value = bright[std::size_t(y * shape.width + x)];
      if (region.near(y, x, 0)) {
        EXPECT_GT(value, 0.5f) << y << " " << x;
      } else if (!region.near(y, x, side - 1)) {
        EXPECT_EQ(value, 0) << y << " " << x;
      }
      EXPECT_NEAR(dark[std::size_t(y * shape.width + x)], -value, 1e-4);
    }
  }
}

TEST(Explanation, AnEvenImageHasNothingThatDecides) {
  const Shape shape{3, 1, 1};
  const Model model = looks_at({0, 0, 1, 1}, shape);
  const Dataset set{shape, {9, 9, 9}, {0}, model.class_names, {}, {}};
  Engine engine(1);
  EXPECT_EQ(evidence_maps(model, engine, all_rows(set), std::vector{0}).front(),
            std::vector<float>{0});
  const Model wide = looks_at({0, 0, 4, 4}, {1, 16, 16});
  const Dataset even{{1, 16, 16}, std::vector<std::uint8_t>(256, 77), {0}, wide.class_names, {},
                     {}};
  EXPECT_EQ(evidence_maps(wide, engine, all_rows(even), std::vector{0}).front(),
            std::vector<float>(256));
}

// A ring or a plus somewhere on noise: whatever tells a net of a ring can only be there.
struct Scene {
  Dataset set{{1, 20, 20}, {}, {}, {"ring", "plus"}, {}, {}};
  std::vector<Region> shapes;

  Scene(int images, std::uint64_t seed) {
    constexpr int kSide = 5;
    const Rng rng(seed, Purpose::kDraw);
    std::uint64_t drawn = 0;
    for (int i = 0; i < images; ++i) {
      const int top = int(rng.uniform(drawn++) * 15.99), left = int(rng.uniform(drawn++) * 15.99);
      const Region shape{top, left, top + kSide, left + kSide};
      shapes.push_back(shape);
      set.labels.push_back(Label(i % 2));
      for (int y = 0; y < 20; ++y) {
        for (int x = 0; x < 20; ++x) {
          const double noise = 90 * rng.uniform(drawn++);
          set.pixels.push_back(is_bright(shape, y, x, i % 2 == 1) ? 255 : std::uint8_t(noise));
        }
      }
    }
  }
  static bool is_bright(const Region& shape, int y, int x, bool plus) {
    if (!shape.near(y, x, 0)) return false;
    const int from_top = y - shape.top, from_left = x - shape.left;
    if (plus) return from_top == 2 || from_left == 2;
    return from_top % 4 == 0 || from_left % 4 == 0;
  }
};

TEST(Explanation, FindsTheShapeThatATrainedNetTells) {
  const Scene known(1200, 1), unseen(60, 2);
  Experiment e;
  e.precision = "f32";
  e.model.kernels = 8;
  e.model.dense = 32;
  e.train.epochs = 8;
  e.train.batch = 32;
  e.train.learning_rate = 0.003;
  const FitJob job = fit_job(e, known.set, all_rows(known.set).indices);
  Engine engine(2);
  TrainingState state = start_training(job.spec, job.options, job.seed);
  ASSERT_TRUE(fit(job, engine, state, {}));
  const Model model = make_model(e, known.set, std::move(state.params), {});
  ASSERT_GT(evaluate(model, engine, all_rows(unseen.set)).accuracy, 0.95);
  // A net that finds rings needs no look at a plus: it is what is no ring.
  Rows rings{&unseen.set, {}};
  for (std::uint32_t i = 0; i < unseen.set.size(); i += 2) rings.indices.push_back(i);
  const auto maps = evidence_maps(model, engine, rings, std::vector<int>(rings.size(), 0));
  int found = 0;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const auto peak = int(std::ranges::max_element(maps[i]) - maps[i].begin());
    found += unseen.shapes[rings.indices[i]].near(peak / 20, peak % 20, 2) ? 1 : 0;
  }
  EXPECT_GE(found, 29) << "of 30";
}

}  // namespace
}  // namespace tailor::internal
