#include "tailor/study/inference_cost.hpp"

#include <algorithm>

#include "tailor/core/clock.hpp"
#include "tailor/nn/predictor.hpp"

namespace tailor::internal {
namespace {

constexpr int kBatch = 256;
constexpr int kSingleCalls = 101;  // of one image: tens of milliseconds in all
constexpr int kBatchCalls = 11;

// Seconds of one call, median of `calls`; one before is thrown away.
double seconds_of_call(const Model& model, const Dataset& images, int threads, int batch,
                       int calls) {
  Engine engine(threads);
  Predictor predictor(model.spec, engine, batch, model.precision);
  predictor.load(model.params);
  std::vector<const std::uint8_t*> pixels;
  for (std::size_t i = 0; i < std::size_t(batch); ++i) {
    pixels.push_back(images.image(i % images.size()).data());
  }
  std::vector<float> answer(pixels.size() * std::size_t(model.spec.classes));
  predictor.probabilities(pixels, answer);
  std::vector<double> seconds;
  for (int call = 0; call < calls; ++call) {
    const Stopwatch watch;
    predictor.probabilities(pixels, answer);
    seconds.push_back(watch.seconds());
  }
  std::nth_element(seconds.begin(), seconds.begin() + calls / 2, seconds.end());
  return seconds[std::size_t(calls / 2)];
}

}  // namespace

InferenceCost inference_cost(const Model& model, const Dataset& images, int threads) {
  const double single = seconds_of_call(model, images, 1, 1, kSingleCalls);
  const double batch = seconds_of_call(model, images, threads, kBatch, kBatchCalls);
  return {1e6 * single, kBatch / batch};
}

}  // namespace tailor::internal
