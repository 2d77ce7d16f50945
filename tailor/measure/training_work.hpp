// Steps of a training by themselves, for those who measure them.
#pragma once

#include "tailor/measure/bench_report.hpp"
#include "tailor/train/training_step.hpp"

namespace tailor::internal {

// The step that fit() repeats, on whole batches of the setup's images, again and again in the order
// of the first epoch.
class TrainingWork : public PlanWork {
 public:
  TrainingWork(const BenchSetup& setup, Engine& engine);  // both must outlive it
  void operator()() override;
  void profile(bool on) override { step_.profile(on); }
  std::vector<PlanEntry> entries() const override { return step_.entries(); }
  int batch() const override { return job_.options.batch; }
  int reference_kernels() const override { return step_.reference_kernels(); }
  std::size_t bytes() const override;

 private:
  FitJob job_;
  TrainingState state_;
  TrainingStep step_;
};

}  // namespace tailor::internal
