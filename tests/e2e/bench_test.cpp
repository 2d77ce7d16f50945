// The measuring commands: which keys they print, and that the parts add up. Never how fast.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tailor/core/json.hpp"
#include "tests/e2e/process.hpp"

namespace tailor::internal::e2e {
namespace {

Json bench(std::vector<std::string> words) {
  words.insert(words.begin(), "bench");
  words.push_back("--json");
  const Finished finished = run_tailor(words);
  EXPECT_EQ(finished.status, 0) << finished.err;
  return finished.status == 0 ? Json::parse(finished.out) : Json();
}

void expect_positive(const Json& object, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    ASSERT_TRUE(object.contains(key)) << key;
    EXPECT_GT(object[key].get<double>(), 0) << key;
  }
}

// Entries and kinds are the same time seen twice, the longest first.
void expect_adds_up(const Json& result) {
  expect_positive(result, {"step_ms", "profiled_step_ms", "breakdown_sum_ms", "timer_overhead_ms"});
  const double sum = result["breakdown_sum_ms"];
  double entries = 0, kinds = 0, before = 1e300;
  for (const Json& entry : result["breakdown"]) {
    for (const char* key : {"operation", "implementation", "ms", "share"}) {
      EXPECT_TRUE(entry.contains(key)) << key;
    }
    EXPECT_LE(entry["ms"].get<double>(), before);
    before = entry["ms"];
    entries += before;
  }
  for (const Json& kind : result["kinds"]) kinds += kind["ms"].get<double>();
  EXPECT_NEAR(entries, sum, 1e-9 * sum);
  EXPECT_NEAR(kinds, sum, 1e-9 * sum);
}

TEST(BenchTrain, PrintsThePlanAfterEveryPass) {
  const Json plan = bench({"train", "--plan", "--kernels", "8", "--batch", "4", "--threads", "1",
                           "--precision", "f32"});
  std::vector<std::string> passes;
  for (const Json& pass : plan["passes"]) {
    passes.push_back(pass["pass"]);
    EXPECT_NE(pass["nodes"].get<std::string>().find("layers.2 conv2d"), std::string::npos);
  }
  EXPECT_EQ(passes, (std::vector<std::string>{"expand", "fuse", "choose_kernels", "draw_regions",
                                              "plan_memory"}));
}

TEST(BenchTrain, MeasuresWhatIsLeftBesideBusyLoops) {
  const Json load = bench({"train", "--kernels", "8", "--batch", "16", "--threads", "1",
                           "--repetitions", "1", "--load", "2"})
                        .at("load");
  EXPECT_EQ(load.at("busy_loops"), 2);
  EXPECT_GT(load.at("images_per_second"), 0);
  EXPECT_GT(load.at("idle_images_per_second"), 0);
  EXPECT_GT(load.at("share"), 0);
  EXPECT_LE(load.at("fair_share"), 1);
}

TEST(BenchScale, HasARowForEveryNumberOfThreads) {
  const Json rows =
      bench({"scale", "--kernels", "8", "--batch", "16", "--threads", "3", "--repetitions", "2"})
          .at("per_threads");
  ASSERT_EQ(rows.size(), 3u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].at("threads"), i + 1);
    EXPECT_GT(rows[i].at("images_per_second"), 0);
  }
  EXPECT_EQ(rows[0].at("efficiency"), 1);
}

TEST(BenchPeak, HasARowForEveryNumberOfThreads) {
  const Json all = bench({"peak"});
  expect_positive(all, {"threads", "f32_gflops", "memory_gb_per_s"});
  EXPECT_TRUE(all.contains("bf16_gflops"));
  const int threads = all["threads"];
  ASSERT_EQ(all["per_threads"].size(), std::size_t(threads));
  for (int n = 1; n <= threads; ++n) {
    const Json& row = all["per_threads"][std::size_t(n) - 1];
    EXPECT_EQ(row["threads"], n);
    expect_positive(row, {"f32_gflops", "memory_gb_per_s"});
  }
  EXPECT_EQ(all["per_threads"].back()["f32_gflops"], all["f32_gflops"]);
  const Json one = bench({"peak", "--threads", "1"});
  EXPECT_EQ(one["threads"], 1);
  EXPECT_EQ(one["per_threads"].size(), 1u);
}

TEST(BenchOps, MeasuresTheCasesAskedFor) {
  const Json result = bench({"ops", "--filter", "dense 128->10", "--batch", "4", "--threads", "1",
                             "--precision", "f32", "--repetitions", "1"});
  EXPECT_EQ(result["batch"], 4);
  EXPECT_EQ(result["threads"], 1);
  EXPECT_EQ(result["precision"], "f32");
  expect_positive(result["peak"], {"f32_gflops", "memory_gb_per_s"});
  std::vector<std::string> phases;
  for (const Json& op : result["ops"]) {
    EXPECT_EQ(op["case"], "dense 128->10");
    EXPECT_NE(op["implementation"], "");
    EXPECT_TRUE(op.contains("spread"));
    phases.push_back(op["phase"]);
    const bool load = op["phase"] == "load";
    expect_positive(op, {"ms", "share_of_peak", load ? "gb_per_s" : "gflops"});
    EXPECT_FALSE(op.contains(load ? "gflops" : "gb_per_s"));
  }
  const std::vector<std::string> wanted = {"load", "forward", "backward_weights", "backward_data"};
  EXPECT_EQ(phases, wanted);
}

TEST(BenchOps, NamesTheCasesWhereNoneFits) {
  const Finished finished = run_tailor({"bench", "ops", "--filter", "nosuchcase"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_EQ(finished.out, "");
  EXPECT_NE(finished.err.find("conv3x3 32->64@14"), std::string::npos) << finished.err;
}

TEST(BenchTrain, AccountsForTheStepAndAllocatesNothing) {
  const Json result =
      bench({"train", "--kernels", "8", "--batch", "16", "--threads", "1", "--repetitions", "2",
             "--precision", "f32"});  // in bf16 the convolutions pool inside
  EXPECT_EQ(result["model"], "seed");
  EXPECT_EQ(result["batch"], 16);
  EXPECT_EQ(result["threads"], 1);
  EXPECT_EQ(result["reference_kernels"], 0);
  EXPECT_EQ(result["allocations_per_step"], 0);
  EXPECT_EQ(result["allocated_bytes_per_step"], 0);
  EXPECT_TRUE(result.contains("library_allocations_per_step"));
  EXPECT_TRUE(result.contains("library_allocated_bytes_per_step"));
  expect_positive(result, {"images_per_second", "gflops", "share_of_peak", "planned_memory_bytes",
                           "peak_memory_bytes"});
  EXPECT_LT(result["planned_memory_bytes"].get<double>(),
            result["peak_memory_bytes"].get<double>());
  expect_adds_up(result);
  std::vector<std::string> kinds;
  for (const Json& kind : result["kinds"]) kinds.push_back(kind["kind"]);
  for (const char* kind :
       {"first conv", "conv forward", "conv backward_data", "conv backward_weights", "dense",
        "weights load", "optimizer", "input"}) {
    EXPECT_NE(std::find(kinds.begin(), kinds.end(), kind), kinds.end()) << kind;
  }
}

TEST(BenchInfer, AccountsForTheCallAndAllocatesNothing) {
  const Json result =
      bench({"infer", "--kernels", "8", "--batch", "16", "--threads", "1", "--repetitions", "2"});
  EXPECT_EQ(result["batch"], 16);
  EXPECT_EQ(result["latency_batch"], 1);
  EXPECT_EQ(result["reference_kernels"], 0);
  EXPECT_EQ(result["allocations_per_call"], 0);
  EXPECT_EQ(result["allocated_bytes_per_call"], 0);
  expect_positive(result, {"images_per_second", "gflops", "share_of_peak", "planned_memory_bytes"});
  for (const char* key : {"latency_us", "batch_latency_us"}) {
    expect_positive(result[key], {"p50", "p99"});
    EXPECT_LE(result[key]["p50"].get<double>(), result[key]["p99"].get<double>());
  }
  expect_adds_up(result);
}

}  // namespace
}  // namespace tailor::internal::e2e
