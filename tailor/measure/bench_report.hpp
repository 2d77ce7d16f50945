// What `bench train` and `bench infer` tell of a net: how fast it is, how near that is to what the
// machine can do, and what it takes.
#pragma once

#include <cstddef>
#include <string>

#include "tailor/measure/bench_setup.hpp"
#include "tailor/measure/breakdown.hpp"

namespace tailor::internal {

// A training step or an inference call on a plan.
class PlanWork : public Profiled {
 public:
  virtual int batch() const = 0;
  virtual int reference_kernels() const = 0;
  virtual std::size_t bytes() const = 0;  // all it holds but the data set
};

struct WorkKind {
  std::string name;  // "step": allocations_per_step
  int flops;         // for one multiply-add of the forward pass
};

struct AllocationRate {  // of one step or call, mean of a few
  double ours = 0, library = 0;
  double our_bytes = 0, library_bytes = 0;
};

struct BenchReport {
  WorkKind kind;
  int threads = 0;
  double images_per_second = 0;
  double gflops = 0;
  double share_of_peak = 0;
  std::size_t planned_memory = 0;  // bytes
  std::size_t peak_memory = 0;     // with images and program
  int reference_kernels = 0;
  AllocationRate allocations = {};
  Breakdown breakdown;
};

// Measures the machine's peak, and counts a few more calls of `work`.
BenchReport bench_report(const BenchSetup& setup, const Engine& engine, const WorkKind& kind,
                         PlanWork& work, const Breakdown& breakdown);

// `details`: lines between the speed and the memory.
std::string report_text(const BenchSetup& setup, const BenchReport& report,
                        const std::string& details = "");
Json report_json(const BenchSetup& setup, const BenchReport& report);

}  // namespace tailor::internal
