#include "tailor/measure/bench_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tailor/core/memory/allocations.hpp"
#include "tailor/core/text.hpp"
#include "tailor/measure/peak_memory.hpp"

namespace tailor::internal {
namespace {

constexpr int kCountedCalls = 20;

AllocationRate allocations_of(PlanWork& work) {
  const AllocationCount before = allocations_on_this_thread();
  for (int i = 0; i < kCountedCalls; ++i) work();
  const AllocationCount made = allocations_on_this_thread() - before;
  const auto each = [](std::uint64_t count) { return double(count) / kCountedCalls; };
  return {each(made.ours), each(made.library), each(made.our_bytes), each(made.library_bytes)};
}

}  // namespace

BenchReport bench_report(const BenchSetup& setup, const Engine& engine, const WorkKind& kind,
                         PlanWork& work, const Breakdown& breakdown) {
  BenchReport r{.kind = kind, .threads = engine.threads(), .breakdown = breakdown};
  r.allocations = allocations_of(work);
  r.reference_kernels = work.reference_kernels();
  r.planned_memory = work.bytes();
  r.peak_memory = peak_memory_bytes();  // before the peak's arrays, which are larger
  r.images_per_second = work.batch() / breakdown.step.seconds;
  r.gflops = kind.flops * multiply_adds(setup.spec) * r.images_per_second * 1e-9;
  r.share_of_peak = r.gflops / peak_gflops(setup.precision, r.threads);
  return r;
}

std::string report_text(const BenchSetup& setup, const BenchReport& r, const std::string& details) {
  constexpr double kMebibyte = 1024 * 1024;
  return fmt::format(
      "{} (kernels {}), batch {}, {}, {} threads\n{} images/s, {:.0f} GFLOP/s, {:.1f} % of what "
      "this machine can do{}\n{}{:.0f} MiB planned, {:.0f} MiB at most with images and program\n{} "
      "allocations ({} bytes) of ours and {} of the library ({} bytes) in a {}, {} reference "
      "kernels\n{}",
      setup.model.name, setup.model.kernels, setup.train.batch, to_string(setup.precision),
      r.threads, grouped(r.images_per_second), r.gflops, 100 * r.share_of_peak,
      setup.precision == Precision::kInt8 ? " in bf16 or f32" : "", details,
      double(r.planned_memory) / kMebibyte, double(r.peak_memory) / kMebibyte, r.allocations.ours,
      r.allocations.our_bytes, r.allocations.library, r.allocations.library_bytes, r.kind.name,
      r.reference_kernels, breakdown_text(r.breakdown));
}

Json report_json(const BenchSetup& setup, const BenchReport& r) {
  Json result = {{"model", setup.model.name},
                 {"kernels", setup.model.kernels},
                 {"batch", setup.train.batch},
                 {"precision", to_string(setup.precision)},
                 {"threads", r.threads},
                 {"images_per_second", r.images_per_second},
                 {"gflops", r.gflops},
                 {"share_of_peak", r.share_of_peak},
                 {"planned_memory_bytes", r.planned_memory},
                 {"peak_memory_bytes", r.peak_memory},
                 {"reference_kernels", r.reference_kernels},
                 {"allocations_per_" + r.kind.name, r.allocations.ours},
                 {"allocated_bytes_per_" + r.kind.name, r.allocations.our_bytes},
                 {"library_allocations_per_" + r.kind.name, r.allocations.library},
                 {"library_allocated_bytes_per_" + r.kind.name, r.allocations.library_bytes}};
  add_breakdown(result, r.breakdown);
  return result;
}

}  // namespace tailor::internal
