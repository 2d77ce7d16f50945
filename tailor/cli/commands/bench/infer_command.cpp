// tailor bench infer: how fast a net answers, one image or many, and where the time goes.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/commands/bench/setup.hpp"
#include "tailor/core/file.hpp"
#include "tailor/measure/inference.hpp"
#include "tailor/train/quantization.hpp"

namespace tailor::internal {
namespace {

constexpr int kInferenceBatch = 256;
constexpr std::size_t kRangeImages = 64;

std::string to_text(const std::string& what, const Latency& latency) {
  return fmt::format("{}   {:.0f} us (median), {:.0f} us (99 of 100 are faster)\n", what,
                     latency.p50, latency.p99);
}

Json json_of(const Latency& latency) {
  return {{"p50", latency.p50}, {"p99", latency.p99}};
}

// What is measured: a trained model where FILE is one, else the experiment's net, fresh.
struct Subject {
  BenchSetup setup;
  Params params;
};

Subject open_subject(BenchFlags flags, Context& context) {
  const std::filesystem::path file = flags.experiment.file;
  if (file.extension() == ".safetensors" || is_folder(file)) {
    Model model = open_model(file);
    BenchSetup setup = bench_setup(flags, kInferenceBatch, model, context.observer());
    return {std::move(setup), std::move(model.params)};
  }
  const bool int8 = flags.experiment.precision == "int8";
  if (int8) flags.experiment.precision.reset();
  BenchSetup setup = bench_setup(flags, kInferenceBatch);
  if (int8) setup.precision = Precision::kInt8;
  Params params = init_params(setup.spec, setup.seed);
  return {std::move(setup), std::move(params)};
}

// Random weights have no ranges yet; speed does not depend on what they are.
void measure_ranges_if_none(Subject& subject, Engine& engine) {
  if (subject.setup.precision != Precision::kInt8 || !subject.params.ranges.empty()) return;
  Rows some = all_rows(subject.setup.set);
  some.indices.resize(std::min(some.size(), kRangeImages));
  subject.params.ranges = measure_ranges(subject.setup.spec, subject.params, engine, some);
}

ExitStatus run_infer(const BenchFlags& flags, Context& context) {
  Subject subject = open_subject(flags, context);
  const BenchSetup& setup = subject.setup;
  const TimingRules rules = timing_rules(flags);
  Engine engine(setup.threads);
  measure_ranges_if_none(subject, engine);
  Inference many(setup, subject.params, engine, setup.train.batch);
  Inference one(setup, subject.params, engine, 1);
  const Breakdown breakdown = measure_breakdown(many, rules, context.stop());
  const Latency of_many = latency(many, rules, context.stop());
  const Latency of_one = latency(one, rules, context.stop());
  if (context.stop().requested()) return context.interrupted("interrupted");
  const BenchReport report = bench_report(setup, engine, {"call", 2}, many, breakdown);
  warn_if_disturbed(context.console, breakdown.step);
  context.console.print(
      report_text(setup, report, to_text("one batch", of_many) + to_text("one image", of_one)));
  Json result = report_json(setup, report);
  result["latency_us"] = json_of(of_one);
  result["latency_batch"] = 1;
  result["batch_latency_us"] = json_of(of_many);
  context.console.result(result);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_bench_infer(Options& options) {
  auto flags = std::make_shared<BenchFlags>();
  add_bench_flags(options, *flags, kInferenceBench);
  options.named("FILE").help = "experiment file (TOML), or a trained model or run's folder";
  options.named("--precision").help = "int8, bf16, f32 or auto";
  options.examples = {
      {"tailor bench infer", "a fresh net seed on random images"},
      {"tailor bench infer runs/quick --batch 1", "a trained model, image by image"}};
  options.files = "Reads the data only where --data is given. Writes nothing.";
  return [flags](Context& context) { return run_infer(*flags, context); };
}

}  // namespace tailor::internal
