// A training step by itself, for those who measure one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/measure/bench_report.hpp"
#include "tailor/train/optimizer.hpp"

namespace tailor::internal {

// What one step of fit() does, in the same functions, each part under its own clock.
class TrainingStep : public PlanWork {
 public:
  TrainingStep(const BenchSetup& setup, Engine& engine);  // both must outlive it
  void operator()() override;
  void profile(bool on) override;
  // The plan's entries and the parts outside it.
  std::vector<PlanEntry> entries() const override;
  int batch() const override { return plan_.batch(); }
  int reference_kernels() const override { return plan_.reference_kernels(); }
  std::size_t bytes() const override;

 private:
  std::span<const std::uint32_t> gather();
  void optimize();

  const BenchSetup& setup_;
  Engine& engine_;
  Params params_;
  Optimizer optimizer_;
  Buffer gradients_;
  Plan plan_;
  std::vector<std::uint32_t> rows_;
  std::vector<const std::uint8_t*> images_;
  std::vector<std::uint8_t> labels_;
  std::size_t next_ = 0;
  double gather_seconds_ = 0;
  double optimize_seconds_ = 0;
};

}  // namespace tailor::internal
