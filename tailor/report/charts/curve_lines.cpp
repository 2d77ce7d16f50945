#include "tailor/report/charts/curve_lines.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

double measured(const EpochRecord& epoch, CurveMeasure measure, bool watched) {
  if (measure == CurveMeasure::accuracy) {
    return watched ? epoch.watched_accuracy.value_or(kMissing) : epoch.accuracy;
  }
  return watched ? epoch.watched_loss.value_or(kMissing) : epoch.loss;
}

CurveLine make_line(const CurveGroup& group, std::size_t index, CurveMeasure measure,
                    bool watched) {
  CurveLine line{group.name, index, watched, 0, {}, {}, {}};
  std::size_t epochs = 0;
  for (const auto& run : group.runs) {
    epochs = std::max(epochs, run.size());
    line.runs += run.empty() ? 0 : 1;
  }
  for (std::size_t e = 0; e < epochs; ++e) {
    double sum = 0, low = std::numeric_limits<double>::infinity(), high = -low;
    int count = 0;
    for (const auto& run : group.runs) {
      const double value = e < run.size() ? measured(run[e], measure, watched) : kMissing;
      if (!std::isfinite(value)) continue;
      sum += value;
      low = std::min(low, value);
      high = std::max(high, value);
      ++count;
    }
    line.mean.push_back(count > 0 ? sum / count : kMissing);
    line.low.push_back(count > 0 ? low : kMissing);
    line.high.push_back(count > 0 ? high : kMissing);
  }
  return line;
}

bool any_finite(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

std::vector<CurveLine> curve_lines(const std::vector<CurveGroup>& groups, CurveMeasure measure) {
  std::vector<CurveLine> lines;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const bool watched : {false, true}) {
      CurveLine line = make_line(groups[g], g, measure, watched);
      if (any_finite(line.mean)) lines.push_back(std::move(line));
    }
  }
  return lines;
}

bool any_watched(const std::vector<CurveLine>& lines) {
  return std::any_of(lines.begin(), lines.end(),
                     [](const CurveLine& line) { return line.watched; });
}

std::string shown(CurveMeasure measure, double value) {
  return measure == CurveMeasure::accuracy ? percent(value, 1) : decimal(value, 3);
}

std::string full_name(const CurveLine& line, bool say_set) {
  if (!say_set) return line.name;
  return line.name + (line.watched ? ", validation" : ", training");
}

}  // namespace tailor::internal
