#include "tailor/nn/views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tailor/nn/predictor.hpp"
#include "tailor/nn/test_nets.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes view_of(const Shape& shape, int view, const Bytes& image) {
  Bytes room(image.size()), out(image.size());
  see(shape, view, image.data(), room, out);
  return out;
}

TEST(Views, AreTheImageItsMirrorImageAndBothMovedByAPixel) {
  const Shape shape{1, 2, 3};
  const Bytes image = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(view_of(shape, 0, image), image);
  EXPECT_EQ(view_of(shape, 1, image), (Bytes{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(view_of(shape, 2, image), (Bytes{5, 6, 5, 2, 3, 2}));  // up and left
  EXPECT_EQ(view_of(shape, 3, image), (Bytes{5, 6, 5, 2, 3, 2}));
  EXPECT_EQ(view_of(shape, 4, image), (Bytes{5, 4, 5, 2, 1, 2}));  // down and right
  EXPECT_EQ(view_of(shape, 5, image), (Bytes{5, 4, 5, 2, 1, 2}));
}

TEST(Views, CountOneInAll) {
  for (const int views : {1, 2, 6}) {
    double sum = 0;
    for (int view = 0; view < views; ++view) sum += share_of_view(views, view);
    EXPECT_EQ(sum, 1);
    check_views(views);
  }
  for (const int views : {0, 3, 4, 5, 7}) {
    EXPECT_THAT(refusal_of([&] { check_views(views); }), testing::StartsWith("model.views takes"));
  }
}

// The mean of logits is the mean of log-probabilities, but for a constant of each image.
TEST(Views, OfAPredictorAreAveragedBeforeTheSoftmax) {
  Spec spec = test::seed_net(8, {1, 9, 8}, 0);
  const std::size_t each = spec.input.size();
  constexpr int kImages = 21;
  Bytes images(kImages * each);
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = std::uint8_t(i * i / 7 + i);
  const auto answers = [&](int views, int view, int threads) {
    Bytes seen(images.size()), room(each);
    std::vector<const std::uint8_t*> pointers;
    for (std::size_t i = 0; i < kImages; ++i) {
      see(spec.input, view, &images[i * each], room, std::span(seen).subspan(i * each, each));
      pointers.push_back(&seen[i * each]);
    }
    Spec net = spec;
    net.views = views;
    Engine engine(threads);
    Predictor predictor(net, engine, kImages, Precision::kF32);
    predictor.load(init_params(net, 3));
    std::vector<float> out(kImages * 10);
    predictor.probabilities(pointers, out);
    return out;
  };
  for (const int views : {2, 6}) {
    std::vector<double> logs(kImages * 10);
    for (int view = 0; view < views; ++view) {
      const std::vector<float> p = answers(1, view, 1);
      for (std::size_t i = 0; i < p.size(); ++i) {
        logs[i] += share_of_view(views, view) * std::log(double(p[i]));
      }
    }
    for (const int threads : {1, 2}) {
      const std::vector<float> averaged = answers(views, 0, threads);
      for (std::size_t i = 0; i < kImages; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < 10; ++k) sum += std::exp(logs[i * 10 + k]);
        for (std::size_t k = 0; k < 10; ++k) {
          EXPECT_NEAR(averaged[i * 10 + k], std::exp(logs[i * 10 + k]) / sum, 1e-5);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tailor::internal
