// What is timed: a net, its images, how it trains.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailor/data/dataset.hpp"
#include "tailor/nn/spec.hpp"
#include "tailor/nn/zoo.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/ops/peak.hpp"
#include "tailor/train/options.hpp"

namespace tailor::internal {

struct BenchSetup {
  ModelOptions model;  // as it is named in the report
  TrainOptions train;  // its batch is the batch to measure
  std::uint64_t seed = 1;
  int threads = 0;
  Dataset set;
  Spec spec;
  Precision precision = Precision::kF32;
};

// At least so many random images, and so many that they do not stay in the caches.
Dataset random_images(std::size_t least, const Shape& shape, int classes);

// What a figure of this precision is compared to: int8 to bf16, where there is that, and f32.
double peak_gflops(Precision precision, const Peak& peak);
double peak_gflops(Precision precision, int threads);  // measures it now

}  // namespace tailor::internal
