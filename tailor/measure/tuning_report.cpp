// A tuning as a table for people and as JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tailor/measure/tuning.hpp"

namespace tailor::internal {
namespace {

// "conv 3x3 32->64 @14x14" and "bf16" of their key.
std::pair<std::string, std::string> split_key(const std::string& key) {
  const std::size_t space = key.rfind(' ');
  return {key.substr(0, space), key.substr(space + 1)};
}

}  // namespace

std::string to_text(const Tuning& tuning, int batch, int threads) {
  std::string out = fmt::format(
      "batch {}, {} threads; a training step's time with our kernels and the library's, "
      "which are taken where they are faster in the whole step too\n\n{:<36} {:<9} {:>9} {:>11}  "
      "{}\n",
      batch, threads, "operation", "precision", "ours, ms", "library, ms", "chosen");
  for (const OperationRow& row : tuning.operations) {
    const auto [operation, precision] = split_key(row.operation);
    out += fmt::format("{:<36} {:<9} {:>9.4f} {:>11.4f}  {}\n", operation, precision,
                       1e3 * row.times.own, 1e3 * row.times.library,
                       row.chosen == Kernels::kOwn ? "ours" : "library");
  }
  out += fmt::format("\n{:<36} {:<9} {:>9} {:>11}\n", "training step", "precision", "ours, ms",
                     "chosen, ms");
  for (const StepRow& step : tuning.steps) {
    for (const auto& [precision, times] : step.times) {
      out += fmt::format("{:<36} {:<9} {:>9.4f} {:>11}\n", step.net, to_string(precision),
                         1e3 * times.rule,
                         times.chosen > 0 ? fmt::format("{:.4f}", 1e3 * times.chosen) : "the same");
    }
  }
  return out + fmt::format("\nprecision auto = {}\n", to_string(*tuning.choices.precision));
}

Json to_json(const Tuning& tuning, int batch, int threads) {
  Json operations = Json::array(), steps = Json::array();
  for (const OperationRow& row : tuning.operations) {
    const auto [operation, precision] = split_key(row.operation);
    operations.push_back({{"operation", operation},
                          {"precision", precision},
                          {"own_ms", 1e3 * row.times.own},
                          {"library_ms", 1e3 * row.times.library},
                          {"chosen", to_string(row.chosen)}});
  }
  for (const StepRow& step : tuning.steps) {
    for (const auto& [precision, times] : step.times) {
      Json object = {
          {"net", step.net}, {"precision", to_string(precision)}, {"own_ms", 1e3 * times.rule}};
      if (times.chosen > 0) object["chosen_ms"] = 1e3 * times.chosen;
      steps.push_back(object);
    }
  }
  return {{"batch", batch},
          {"threads", threads},
          {"operations", operations},
          {"steps", steps},
          {"precision", to_string(*tuning.choices.precision)}};
}

}  // namespace tailor::internal
