#include "tailor/report/run/reliability_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tailor/report/charts/svg.hpp"
#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

constexpr Frame kPlot{50, 36, 330, 300};
constexpr Frame kCounts{50, 352, 330, 56};

std::int64_t hits_of(const ReliabilityBin& bin) {
  return std::llround(bin.accuracy * double(bin.images));
}

std::vector<Tick> share_ticks() {
  std::vector<Tick> ticks;
  for (int k = 0; k <= 5; ++k) ticks.push_back({k / 5.0, fmt::format("{}\xC2\xA0%", 20 * k)});
  return ticks;
}

std::string bar(const Frame& frame, const ReliabilityBin& bin, double share,
                std::string_view style) {
  const double height = std::max(share * frame.height, 1.0);  // a bin with images is always seen
  return fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"{}\"/>\n",
      frame.x(bin.low) + 0.75, frame.y(0) - height, (bin.high - bin.low) * frame.width - 1.5,
      height, style);
}

std::string draw_interval(const ReliabilityBin& bin) {
  const auto [low, high] = wilson_interval(hits_of(bin), bin.images);
  const double x = kPlot.x(bin.confidence);
  return fmt::format(
      "<path d=\"M{0:.1f} {1:.1f}V{2:.1f}M{3:.1f} {1:.1f}h6M{3:.1f} {2:.1f}h6\" "
      "class=\"interval\"/><circle cx=\"{0:.1f}\" cy=\"{4:.1f}\" r=\"3.2\" class=\"dot\"/>\n",
      x, kPlot.y(low), kPlot.y(high), x - 3, kPlot.y(bin.accuracy));
}

std::string bin_words(const ReliabilityBin& bin) {
  const auto [low, high] = wilson_interval(hits_of(bin), bin.images);
  return fmt::format("{} images said {} on average\n{} of them right ({} to {})",
                     grouped(bin.images), percent(bin.confidence, 1), percent(bin.accuracy, 1),
                     percent(low, 1), percent(high, 1));
}

std::string draw_bins(const Reliability& reliability) {
  std::int64_t most = 0;
  for (const ReliabilityBin& bin : reliability.bins) most = std::max(most, bin.images);
  std::string bars, intervals, probes;
  for (const ReliabilityBin& bin : reliability.bins) {
    if (bin.images == 0) continue;
    bars += bar(kPlot, bin, bin.accuracy, "right-share");
    bars += bar(kCounts, bin, double(bin.images) / double(most), "bin-count");
    intervals += draw_interval(bin);
    probes += fmt::format(
        "<g class=\"probe\"><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">"
        "<title>{}</title></rect></g>\n",
        kPlot.x(bin.low), kPlot.top, (bin.high - bin.low) * kPlot.width, kCounts.y(0) - kPlot.top,
        bin_words(bin));
  }
  bars += svg_text(kCounts.left - 8, kCounts.top + 10, "end", "", grouped(most));
  return bars + svg_line(kPlot.x(0), kPlot.y(0), kPlot.x(1), kPlot.y(1), "diagonal") + intervals +
         probes;
}

std::string describe(const Reliability& reliability) {
  std::string text = fmt::format("Expected calibration error {}.", percent(reliability.ece));
  for (const ReliabilityBin& bin : reliability.bins) {
    if (bin.images == 0) continue;
    text += fmt::format(" Said {}: right {} of {};", percent(bin.confidence, 0),
                        percent(bin.accuracy, 0), grouped(bin.images));
  }
  return text;
}

bool is_fitted(const Temperature& temperature) {
  return temperature.images > 0 && temperature.kept.empty();
}

std::string scores_table(const ModelCalibration& calibration) {
  const auto& [temperature, before, after] = calibration;
  Table table{"Calibration on the test set; less is better for the first three",
              {{"measure", false}, {"before"}, {"after"}},
              {},
              -1,
              false};
  if (!is_fitted(temperature)) {
    table.columns.pop_back();
    table.columns.back().header = "as trained";
  }
  table.rows = {{"expected calibration error", percent(before.ece), percent(after.ece)},
                {"mean cross-entropy (NLL)", decimal(before.nll, 4), decimal(after.nll, 4)},
                {"Brier score", decimal(before.brier, 4), decimal(after.brier, 4)},
                {"accuracy", percent(before.accuracy), percent(after.accuracy)}};
  for (auto& row : table.rows) row.resize(table.columns.size());
  return table_html(table);
}

std::string verdict(const Temperature& temperature) {
  if (temperature.images == 0)
    return "No images were kept out of training to fit a temperature on: its probabilities are as "
           "trained.";
  if (!is_fitted(temperature)) {
    return fmt::format(
        "The temperature stays 1: {}, so the {} training images kept out of training do not say "
        "how "
        "sure it may be. Its probabilities are as trained.",
        escape(temperature.kept), grouped(temperature.images));
  }
  const char* finding = temperature.value > 1.02   ? "the model was surer than it had reason to be"
                        : temperature.value < 0.98 ? "the model was less sure than it could be"
                                                   : "its probabilities were right as they were";
  return fmt::format(
      "Temperature {:.3f}: {}. It was fitted on {} training images kept out of training, divides "
      "the logits before the softmax, and is stored with the model; which class is most probable "
      "never changes.",
      temperature.value, finding, grouped(temperature.images));
}

}  // namespace

std::string reliability_chart(std::string_view id, std::string_view title,
                              const Reliability& reliability) {
  const bool any = std::any_of(reliability.bins.begin(), reliability.bins.end(),
                               [](const ReliabilityBin& bin) { return bin.images > 0; });
  if (!any) return "";
  std::string out =
      svg_open(id, 400, 456, fmt::format("Reliability {}", title), describe(reliability));
  out +=
      svg_text(0, 15, "start", "title",
               fmt::format("Share of right answers {} (ECE {})", title, percent(reliability.ece)));
  out += ticks_left(kPlot, share_ticks());
  out += svg_line(kPlot.left, kPlot.y(0), kPlot.x(1), kPlot.y(0), "axis");
  out += ticks_below(kCounts, share_ticks(), false);
  out += svg_text(kCounts.x(0.5), kCounts.y(0) + 40, "middle", "",
                  "probability of the class it chose");
  return out + draw_bins(reliability) + "</svg>\n";
}

std::string calibration_html(const std::string& id, const ModelCalibration& calibration) {
  const bool fitted = is_fitted(calibration.temperature);
  const std::string before =
      reliability_chart(id + "-before", fitted ? "before" : "as trained", calibration.before);
  const std::string after =
      fitted ? reliability_chart(id + "-after", "after", calibration.after) : "";
  if (before.empty()) return "";
  return "<p>" + verdict(calibration.temperature) +
         "</p>\n<div class=\"reliability\">\n<figure>\n" + before + "</figure>\n" +
         (after.empty() ? "" : "<figure>\n" + after + "</figure>\n") + "<div>\n" +
         scores_table(calibration) +
         "<p class=\"soft\">Bars: share of right answers among the images whose most probable "
         "class "
         "got that probability, with 95\xC2\xA0% Wilson intervals; the dot stands at their mean "
         "probability. On the diagonal the model means what it says; below it, it promises too "
         "much. Under it: how many images each bin holds.</p>\n</div>\n</div>\n";
}

}  // namespace tailor::internal
