#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tailor/report/axis.hpp"
#include "tailor/report/charts.hpp"
#include "tailor/report/html.hpp"
#include "tailor/report/svg.hpp"

namespace tailor {
namespace {

struct Curve {
  std::string name;   // "training"
  std::string style;  // "train" | "watched"
  std::vector<double> values;
};

struct CurveChart {
  std::string title;
  double ceiling = std::numeric_limits<double>::infinity();
  bool in_percent = false;
  std::vector<Curve> curves;
};

std::string shown(const CurveChart& chart, double value) {
  return chart.in_percent ? percent(value, 1) : decimal(value, 3);
}

std::string describe(const CurveChart& chart) {
  std::string text;
  for (const Curve& curve : chart.curves) {
    text += fmt::format("{}{}: {} after epoch 1, {} after epoch {}", text.empty() ? "" : "; ",
                        curve.name, shown(chart, curve.values.front()),
                        shown(chart, curve.values.back()), curve.values.size());
  }
  return text;
}

std::vector<Tick> epoch_ticks(int epochs) {
  std::vector<Tick> ticks;
  const int step = epochs <= 10 ? 1 : epochs <= 25 ? 5 : epochs <= 60 ? 10 : (epochs + 5) / 6;
  const auto place = [&](int epoch) {
    return epochs == 1 ? 0.5 : double(epoch - 1) / double(epochs - 1);
  };
  for (int epoch = step; epoch <= epochs; epoch += step) {
    ticks.push_back({place(epoch), std::to_string(epoch)});
  }
  if (step > 1) ticks.insert(ticks.begin(), {0.0, "1"});
  return ticks;
}

// A curve breaks where a value is missing; every value also has its mark.
std::string draw_curve(const Frame& frame, const Limits& limits, const Curve& curve) {
  std::string path, marks;
  bool pen_down = false;
  const std::size_t n = curve.values.size();
  for (std::size_t i = 0; i < n; ++i) {
    const double value = curve.values[i];
    if (!std::isfinite(value)) {
      pen_down = false;
      continue;
    }
    const double x = frame.x(n == 1 ? 0.5 : double(i) / double(n - 1));
    const double y = frame.y((value - limits.low) / (limits.high - limits.low));
    path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", x, y);
    pen_down = true;
    if (curve.style == "train") {
      marks +=
          fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.6\" class=\"train\"/>\n", x, y);
    } else {
      marks += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"5\" height=\"5\" class=\"watched\"/>\n", x - 2.5,
          y - 2.5);
    }
  }
  if (path.empty()) return "";
  return fmt::format("<path d=\"{}\" class=\"{}\"/>\n", path, curve.style) + marks;
}

std::string curve_chart(std::string_view id, const CurveChart& chart) {
  const Frame frame{56, 34, 404, 190};
  std::vector<double> all;
  for (const Curve& curve : chart.curves) {
    all.insert(all.end(), curve.values.begin(), curve.values.end());
  }
  const Limits limits = round_limits(all, 0, chart.ceiling);
  std::string out = svg_open(id, 480, 262, chart.title + " over epochs", describe(chart));
  out += svg_text(0, 15, "start", "title", chart.title);
  out += ticks_left(
      frame, value_ticks(limits, chart.in_percent ? 100 : 1, chart.in_percent ? "\xC2\xA0%" : ""));
  out += ticks_below(frame, epoch_ticks(int(chart.curves.front().values.size())), false);
  out += svg_text(frame.x(0.5), frame.y(0) + 36, "middle", "", "epoch");
  double legend = frame.x(1);
  for (auto curve = chart.curves.rbegin(); curve != chart.curves.rend(); ++curve) {
    out += svg_text(legend, 15, "end", curve->style,
                    (curve->style == "train" ? "\xE2\x97\x8F " : "\xE2\x96\xA0 ") + curve->name);
    legend -= 20 + 7.5 * double(curve->name.size());
    out += draw_curve(frame, limits, *curve);
  }
  return out + "</svg>\n";
}

using Measure = double (*)(const EpochRecord&);

double watched_accuracy(const EpochRecord& epoch) {
  return epoch.watched_accuracy.value_or(std::numeric_limits<double>::quiet_NaN());
}
double watched_loss(const EpochRecord& epoch) {
  return epoch.watched_loss.value_or(std::numeric_limits<double>::quiet_NaN());
}

CurveChart make_chart(const std::string& title, const std::vector<EpochRecord>& history,
                      Measure train, Measure watched) {
  CurveChart chart;
  chart.title = title;
  Curve on_train{"training", "train", {}}, on_watched{"validation", "watched", {}};
  bool any_watched = false;
  for (const EpochRecord& epoch : history) {
    on_train.values.push_back(train(epoch));
    on_watched.values.push_back(watched(epoch));
    any_watched = any_watched || std::isfinite(on_watched.values.back());
  }
  chart.curves.push_back(std::move(on_train));
  if (any_watched) chart.curves.push_back(std::move(on_watched));
  return chart;
}

}  // namespace

std::string accuracy_chart(std::string_view id, const std::vector<EpochRecord>& history) {
  if (history.empty()) return "";
  CurveChart chart = make_chart(
      "Accuracy", history, [](const EpochRecord& e) { return e.accuracy; }, watched_accuracy);
  chart.in_percent = true;
  chart.ceiling = 1;
  return curve_chart(id, chart);
}

std::string loss_chart(std::string_view id, const std::vector<EpochRecord>& history) {
  if (history.empty()) return "";
  return curve_chart(
      id, make_chart(
              "Loss", history, [](const EpochRecord& e) { return e.loss; }, watched_loss));
}

}  // namespace tailor
