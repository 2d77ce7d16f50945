// How long a run took and on what, kept apart from its results so that those compare byte for byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tailor/core/json.hpp"

namespace tailor::internal {

// Predicting with a finished model.
struct InferenceCost {
  double latency_us = 0;         // one image, one thread, median
  double images_per_second = 0;  // batches of 256, the run's threads
};

struct RunTimings {
  std::map<std::string, double> seconds;            // by stage, as run_stage_names() has them
  std::map<std::string, double> images_per_second;  // trained, by stage: first, search, ...
  std::map<std::string, InferenceCost> inference;   // by stage: first, final
  std::uint64_t peak_memory_bytes = 0;              // of any process that worked on the run
  std::string data_dir;  // where the data lay, from the root on; experiment.toml has what was typed
  int threads = 0;
  int parallel_trials = 0;
  std::map<std::string, std::string> provenance;  // commit, CPU, kernels, library, compiler

  double total_seconds() const;
};

// Keys of RunTimings::seconds in the order the stages run, with the words people read.
const std::vector<std::pair<std::string, std::string>>& run_stage_names();

Json to_json(const RunTimings& timings);

// What an earlier process left; empty where there is none, or what no run writes (keys that are
// missing, of another type or out of range): times are no reason to stop a run.
RunTimings read_timings(const std::filesystem::path& path);

// Its data_dir alone, of a training's or a search's too; "" where there is none.
std::string recorded_data_dir(const std::filesystem::path& path);

// timings.json of what is no run: {"data_dir": ...}.
std::string data_dir_json(const std::string& dir);

// Takes over this process's peak memory and writes. Atomic.
void write_timings(const std::filesystem::path& path, RunTimings& timings);

// What made the run: commit, CPU, vector unit, cores, library, compiler, versions.
std::map<std::string, std::string> provenance();

}  // namespace tailor::internal
