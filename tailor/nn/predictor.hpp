// Answers for any number of images, on all threads of an engine.
//
// A single image is shared by the threads, operation by operation: the shortest wait. Of more, each
// thread takes pieces of a few images through a plan of its own, from the first layer to the last.
// So the threads meet once a call instead of once an operation, where each time one waited for
// whichever core was slower at the moment, and what lies between two layers stays in a core's
// cache. 256 images on two cores of Zen 4, thousand images/s, one plan on both threads and pieces:
// seed-32 78 and 85, air-16 53 and 64, air-32 15.3 and 17.4 (medians of four).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tailor/nn/plan.hpp"

namespace tailor::internal {

class Predictor {
 public:
  // For calls of about `batch` images. Throws what Plan throws.
  Predictor(const Spec& spec, Engine& engine, int batch, Precision precision);
  ~Predictor();
  Predictor(Predictor&&) noexcept;

  // As Plan's.
  void load(const Params& params);
  std::size_t feature_count() const;

  // images x classes: softmax probabilities, of the mean logits where the spec has several views.
  void probabilities(std::span<const std::uint8_t* const> images, std::span<float> out);
  // images x feature_count(): what the last operation reads.
  void features(std::span<const std::uint8_t* const> images, std::span<float> out);

  int workers() const;  // plans side by side
  int piece() const;    // images of a plan
  std::size_t memory_bytes() const;
  // The same of one that is not made.
  static std::size_t planned_bytes(const Spec& spec, Engine& engine, int batch,
                                   Precision precision);
  void profile(bool on);
  // Seconds of the mean worker, and how long it waited for the last one.
  std::vector<PlanEntry> entries() const;
  int reference_kernels() const;

 private:
  struct Worker;
  class Lease;
  template <typename Use>
  void run(std::span<const std::uint8_t* const> images, Use use);
  void add_views(Worker& worker, std::size_t count);

  Team* team_;
  std::size_t classes_;
  Shape shape_;
  int views_;
  std::vector<std::unique_ptr<Worker>> workers_;
  double seconds_ = 0;  // of calls since profiling was switched on
};

}  // namespace tailor::internal
