#include "tailor/study/run_timings.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <zlib.h>

#include <algorithm>
#include <climits>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/json_reader.hpp"
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

constexpr double kMostSeconds = 1e10;  // three centuries
constexpr double kMostSpeed = 1e15;    // images per second

std::map<std::string, double> numbers_of(const JsonReader& json, double most) {
  std::map<std::string, double> numbers;
  for (const auto& [stage, number] : json.entries()) numbers[stage] = number.number(0, most);
  return numbers;
}

// Paths may be long.
std::string data_dir_of(const JsonReader& json) {
  const auto dir = json.find("data_dir");
  return dir ? dir->text(PATH_MAX) : "";
}

constexpr const char* kTimingsAdvice = "only times are lost where it is moved away";

RunTimings parse_timings(const std::string& text, const std::string& source) {
  const JsonReader json(text, source, kTimingsAdvice);
  RunTimings timings;
  timings.seconds = numbers_of(json.at("stages"), kMostSeconds);
  timings.images_per_second = numbers_of(json.at("images_per_second"), kMostSpeed);
  for (const auto& [stage, cost] : json.at("inference").entries()) {
    timings.inference[stage] = {cost.at("latency_us").number(0, 1e6 * kMostSeconds),
                                cost.at("images_per_second").number(0, kMostSpeed)};
  }
  constexpr std::uint64_t kMostMemory = std::uint64_t(1) << 60;
  constexpr std::uint64_t kMostThreads = 1'000'000;
  timings.peak_memory_bytes = json.at("peak_memory_bytes").whole<std::uint64_t>(kMostMemory);
  timings.data_dir = data_dir_of(json);
  timings.threads = json.at("threads").whole<int>(kMostThreads);
  timings.parallel_trials = json.at("parallel_trials").whole<int>(kMostThreads);
  for (const auto& [key, value] : json.at("provenance").entries()) {
    timings.provenance[key] = value.text();
  }
  return timings;
}

}  // namespace

double RunTimings::total_seconds() const {
  double sum = 0;
  for (const auto& [stage, spent] : seconds) sum += spent;
  return sum;
}

const std::vector<std::pair<std::string, std::string>>& run_stage_names() {
  static const std::vector<std::pair<std::string, std::string>> kNames = {
      {"data", "Looking at the data"},    {"first", "First model"}, {"search", "Search"},
      {"refit", "Refitted model"},        {"final", "Final model"}, {"test", "Test"},
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
  const std::string text = read_text(path);
  try {
    return parse_timings(text, path.string());
  } catch (const Error&) {
    return {};
  }
}

std::string recorded_data_dir(const std::filesystem::path& path) {
  if (!path_exists(path)) return "";
  const std::string text = read_text(path);
  try {
    return data_dir_of(JsonReader(text, path.string(), kTimingsAdvice));
  } catch (const Error&) {
    return "";
  }
}

std::string data_dir_json(const std::string& dir) {
  return json_text({{"data_dir", absolute_path(dir).string()}}, 2) + "\n";
}

void write_timings(const std::filesystem::path& path, RunTimings& timings) {
  timings.peak_memory_bytes = std::max(timings.peak_memory_bytes, peak_memory_bytes());
  write_file_atomic(path, json_text(to_json(timings), 2) + "\n");
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
