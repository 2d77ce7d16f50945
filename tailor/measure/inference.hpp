// Calls of a predictor by themselves, for those who measure them.
#pragma once

#include <vector>

#include "tailor/measure/bench_report.hpp"
#include "tailor/nn/predictor.hpp"

namespace tailor::internal {

// A predictor with everything a call needs, walking through the images batch by batch.
class Inference : public PlanWork {
 public:
  Inference(const BenchSetup& setup, const Params& params, Engine& engine, int batch)
      : set_(setup.set),
        params_(params),
        predictor_(setup.spec, engine, batch, setup.precision),
        images_(std::size_t(batch)),
        answer_(std::size_t(batch) * setup.set.class_names.size()) {
    predictor_.load(params_);
  }

  void operator()() override;

  void profile(bool on) override {
    gather_seconds_ = 0;
    predictor_.profile(on);
  }

  std::vector<PlanEntry> entries() const override;

  int batch() const override { return int(images_.size()); }
  int reference_kernels() const override { return predictor_.reference_kernels(); }
  std::size_t bytes() const override {
    return predictor_.memory_bytes() + params_.weights.bytes() + params_.state.bytes();
  }

 private:
  const Dataset& set_;
  const Params& params_;
  Predictor predictor_;
  std::vector<const std::uint8_t*> images_;
  std::vector<float> answer_;
  std::size_t next_ = 0;
  double gather_seconds_ = 0;
};

struct Latency {
  double p50 = 0, p99 = 0;  // microseconds
};

// Of every single call, after as much warming up as a throughput gets.
Latency latency(Inference& inference, const TimingRules& rules, const StopFlag& stop);

}  // namespace tailor::internal
