#include "tailor/report/run/coverage_chart.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/report/charts/svg.hpp"
#include "tailor/report/parts/html.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal {
namespace {

constexpr Frame kCoveragePlot{60, 36, 420, 280};
constexpr double kShares[] = {1.0, 0.95, 0.9, 0.8, 0.7, 0.5};

struct CoverageScale {
  double images = 1;
  Limits limits;  // of the accuracy

  double share(const Answered& answered) const { return double(answered.answers) / images; }
  double x(const Answered& answered) const { return kCoveragePlot.x(share(answered)); }
  double y(double accuracy) const {
    return kCoveragePlot.y((accuracy - limits.low) / (limits.high - limits.low));
  }
};

// The first answers are few: their accuracy jumps between 0 and 1 and would squeeze the rest.
CoverageCurve drawn_points(const CoverageCurve& curve) {
  constexpr std::int64_t kMostDrawn = 300;
  const std::int64_t images = curve.back().answers;
  CoverageCurve points;
  std::int64_t next = std::min(kFewestAnswers, images);
  for (const Answered& answered : curve) {
    if (answered.answers < next) continue;
    points.push_back(answered);
    next = answered.answers + std::max<std::int64_t>(1, images / kMostDrawn);
  }
  if (points.back().answers < images) points.push_back(curve.back());
  return points;
}

std::string draw_coverage(const CoverageCurve& points, const CoverageScale& scale) {
  std::string path;
  for (const Answered& at : points) {
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", scale.x(at),
                        scale.y(at.precision()));
  }
  return fmt::format("<path d=\"{}\" class=\"coverage-line\"/>\n", path);
}

std::string answered_words(const Answered& answered, const CoverageScale& scale) {
  const auto [low, high] = wilson_interval(answered.right, answered.answers);
  return fmt::format("answers {} of the test images, {} of these right ({} to {})",
                     percent(scale.share(answered), 1), percent(answered.precision()), percent(low),
                     percent(high));
}

std::string draw_threshold(const ModelCoverage& coverage, const CoverageScale& scale) {
  const Rejection& rejection = coverage.rejection;
  std::string out;
  if (rejection.wanted >= scale.limits.low && rejection.wanted <= scale.limits.high) {
    const double y = scale.y(rejection.wanted);
    out += svg_line(kCoveragePlot.left, y, kCoveragePlot.x(1), y, "diagonal");
  }
  if (!rejection.below || coverage.answered.answers == 0) return out;
  return out + fmt::format(
                   "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" class=\"dot\"><title>{}"
                   "</title></circle>\n",
                   scale.x(coverage.answered), scale.y(coverage.answered.precision()),
                   answered_words(coverage.answered, scale));
}

std::vector<Tick> coverage_ticks() {
  std::vector<Tick> ticks;
  for (int k = 0; k <= 5; ++k) ticks.push_back({k / 5.0, fmt::format("{}\xC2\xA0%", 20 * k)});
  return ticks;
}

std::string coverage_chart(const std::string& id, const ModelCoverage& coverage,
                           const CoverageScale& scale, const CoverageCurve& points) {
  std::string description;
  for (const double share : kShares) {
    const Answered at = surest_answers(coverage.curve, share);
    description += fmt::format("{} answered: {} right. ", percent(scale.share(at), 0),
                               percent(at.precision(), 1));
  }
  std::string out = svg_open(id, 500, 372, "Accuracy by coverage", description);
  out +=
      svg_text(0, 15, "start", "title", "Share of right answers where unsure ones are kept back");
  out += ticks_left(kCoveragePlot, value_ticks(scale.limits, 100, "\xC2\xA0%"));
  out += svg_line(kCoveragePlot.left, kCoveragePlot.y(0), kCoveragePlot.x(1), kCoveragePlot.y(0),
                  "axis");
  out += ticks_below(kCoveragePlot, coverage_ticks(), false);
  out += svg_text(kCoveragePlot.x(0.5), kCoveragePlot.y(0) + 40, "middle", "",
                  "share of the images answered");
  return out + draw_coverage(points, scale) + draw_threshold(coverage, scale) + "</svg>\n";
}

std::string coverage_table(const ModelCoverage& coverage, const CoverageScale& scale) {
  Table table{"The surest answers to the test images",
              {{"answered"}, {"right"}, {"least probability"}},
              {},
              -1,
              false};
  for (const double share : kShares) {
    const Answered at = surest_answers(coverage.curve, share);
    table.rows.push_back(
        {percent(scale.share(at), 1), percent(at.precision()), decimal(double(at.threshold), 4)});
  }
  return table_html(table);
}

std::string coverage_verdict(const ModelCoverage& coverage, const CoverageScale& scale) {
  const Rejection& rejection = coverage.rejection;
  if (rejection.wanted == 0) {
    return "The model answers every image. With final.reject_precision it keeps to itself what is "
           "too unsure for the accuracy that is wanted.";
  }
  const std::string text = "Wanted: " + rejection_text(rejection) + ".";
  if (!rejection.below) return text + " So it answers every image.";
  return text + " With this threshold, stored with the model, it " +
         answered_words(coverage.answered, scale) + "; of the others it says \"unsure\".";
}

}  // namespace

std::string coverage_html(const std::string& id, const ModelCoverage& coverage) {
  if (coverage.curve.empty()) return "";
  const CoverageCurve points = drawn_points(coverage.curve);
  std::vector<double> accuracies;
  for (const Answered& at : points) accuracies.push_back(at.precision());
  if (coverage.rejection.wanted > 0) accuracies.push_back(coverage.rejection.wanted);
  const CoverageScale scale{double(coverage.curve.back().answers),
                            round_limits(accuracies, 0, 1, 0.02)};
  return paragraph(coverage_verdict(coverage, scale)) + "<div class=\"reliability\">\n<figure>\n" +
         coverage_chart(id + "-chart", coverage, scale, points) + "</figure>\n<div>\n" +
         coverage_table(coverage, scale) + "</div>\n</div>\n";
}

}  // namespace tailor::internal
