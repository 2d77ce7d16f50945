#include "tailor/study/run_timings.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <zlib.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/version.hpp"
#include "tailor/measure/peak_memory.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {
namespace {

#ifdef __clang__
constexpr const char* kCompiler = __VERSION__;
#else
constexpr const char* kCompiler = "GCC " __VERSION__;
#endif

}  // namespace

double RunTimings::total_seconds() const {
  double sum = 0;
  for (const auto& [stage, spent] : seconds) sum += spent;
  return sum;
}

const std::vector<std::pair<std::string, std::string>>& run_stage_names() {
  static const std::vector<std::pair<std::string, std::string>> kNames = {
      {"data", "Looking at the data"},
      {"first", "First model"},
      {"search", "Search"},
      {"final", "Final model"},
      {"test", "Test"},
      {"explorer", "Maps and data check"}};
  return kNames;
}

Json to_json(const RunTimings& timings) {
  Json stages = Json::object();
  for (const auto& [stage, name] : run_stage_names()) {
    const auto found = timings.seconds.find(stage);
    if (found != timings.seconds.end()) stages[stage] = found->second;
  }
  Json inference = Json::object();
  for (const auto& [stage, cost] : timings.inference) {
    inference[stage] = {{"latency_us", cost.latency_us},
                        {"images_per_second", cost.images_per_second}};
  }
  return {{"stages", stages},
          {"inference", inference},
          {"total_seconds", timings.total_seconds()},
          {"images_per_second", timings.images_per_second},
          {"peak_memory_bytes", timings.peak_memory_bytes},
          {"data_dir", timings.data_dir},
          {"threads", timings.threads},
          {"parallel_trials", timings.parallel_trials},
          {"provenance", timings.provenance}};
}

RunTimings read_timings(const std::filesystem::path& path) {
  if (!path_exists(path)) return {};
  try {
    const Json json = Json::parse(read_text(path));
    RunTimings timings;
    json.at("stages").get_to(timings.seconds);
    json.at("images_per_second").get_to(timings.images_per_second);
    for (const auto& [stage, cost] : json.at("inference").items()) {
      timings.inference[stage] = {cost.at("latency_us").get<double>(),
                                  cost.at("images_per_second").get<double>()};
    }
    json.at("peak_memory_bytes").get_to(timings.peak_memory_bytes);
    timings.data_dir = json.value("data_dir", "");
    json.at("threads").get_to(timings.threads);
    json.at("parallel_trials").get_to(timings.parallel_trials);
    json.at("provenance").get_to(timings.provenance);
    return timings;
  } catch (const Json::exception&) {
    return {};
  }
}

std::string recorded_data_dir(const std::filesystem::path& path) {
  if (!path_exists(path)) return "";
  try {
    return Json::parse(read_text(path)).value("data_dir", "");
  } catch (const Json::exception&) {
    return "";
  }
}

std::string data_dir_json(const std::string& dir) {
  return Json{{"data_dir", absolute_path(dir).string()}}.dump(2, ' ', false,
                                                              Json::error_handler_t::replace) +
         "\n";
}

void write_timings(const std::filesystem::path& path, RunTimings& timings) {
  timings.peak_memory_bytes = std::max(timings.peak_memory_bytes, peak_memory_bytes());
  write_file_atomic(path, to_json(timings).dump(2) + "\n");
}

std::map<std::string, std::string> provenance() {
  const CpuInfo cpu = cpu_info();
  return {{"commit", commit()},
          {"tailor", version()},
          {"CPU", cpu.name},
          {"vector unit", cpu.vector_isa},
          {"kernels", machine_kernel_choices().origin},
          {"cores usable", std::to_string(cpu.cores)},
          {"compiler", kCompiler},
          {"libraries", fmt::format("{}, SQLite {}, zlib {}", cpu.library, sqlite3_libversion(),
                                    zlibVersion())}};
}

}  // namespace tailor::internal
