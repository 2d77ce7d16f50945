#include "tailor/report/charts/curves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tailor/report/charts/axis.hpp"
#include "tailor/report/charts/curve_lines.hpp"
#include "tailor/report/charts/svg.hpp"
#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

constexpr double kCurveLeft = 58, kCurveWidth = 340;  // of the frame
constexpr double kLabelHeight = 17;
constexpr double kLeastAccuracies = 0.02;  // that an axis spans
constexpr std::size_t kLabelLetters = 20;
constexpr std::size_t kMarks = 30;  // along one line; more would hide it
constexpr std::size_t kStyles = 6;  // colours in model.css, and marks below

struct CurveSpace {
  Frame frame;
  Limits limits;
  std::size_t epochs = 0;

  double x(std::size_t epoch) const {
    return frame.x(epochs == 1 ? 0.5 : double(epoch) / double(epochs - 1));
  }
  double y(double value) const {
    return frame.y((value - limits.low) / (limits.high - limits.low));
  }
};

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

std::string mark(const CurveLine& line, double x, double y) {
  const char* style = line.watched ? "mark hollow" : "mark";
  switch (line.group % kStyles) {
    case 0:
      return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" class=\"{}\"/>", x, y, style);
    case 1:
      return fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"5.6\" height=\"5.6\" class=\"{}\"/>", x - 2.8,
          y - 2.8, style);
    case 2:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l3.6 6.4h-7.2z\" class=\"{}\"/>", x, y - 4,
                         style);
    case 3:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l4 4l-4 4l-4-4z\" class=\"{}\"/>", x, y - 4,
                         style);
    case 4:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l3.6-6.4h-7.2z\" class=\"{}\"/>", x, y + 4,
                         style);
    default:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l6 6m0-6l-6 6\" class=\"{}\"/>", x - 3, y - 3,
                         style);
  }
}

// From the least to the greatest of the runs, epoch after epoch and back.
std::string draw_band(const CurveSpace& canvas, const CurveLine& line) {
  std::string there, back;
  for (std::size_t e = 0; e < line.mean.size(); ++e) {
    if (!std::isfinite(line.mean[e])) continue;
    there += fmt::format("{}{:.1f} {:.1f}", there.empty() ? "M" : "L", canvas.x(e),
                         canvas.y(line.high[e]));
    back = fmt::format("L{:.1f} {:.1f}", canvas.x(e), canvas.y(line.low[e])) + back;
  }
  return fmt::format("<path d=\"{}{}z\" class=\"band\"/>\n", there, back);
}

// A line breaks where a value is missing.
std::string draw_line(const CurveSpace& canvas, const CurveLine& line) {
  std::string path, marks;
  bool pen_down = false;
  const std::size_t every = 1 + (line.mean.size() - 1) / kMarks;
  for (std::size_t e = 0; e < line.mean.size(); ++e) {
    if (!std::isfinite(line.mean[e])) {
      pen_down = false;
      continue;
    }
    const double x = canvas.x(e), y = canvas.y(line.mean[e]);
    path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", x, y);
    pen_down = true;
    if (e % every == 0 || e + 1 == line.mean.size()) marks += mark(line, x, y);
  }
  return fmt::format("<g class=\"curve c{}{}\">\n{}<path d=\"{}\" class=\"line\"/>\n{}\n</g>\n",
                     line.group % kStyles, line.watched ? " watched" : "",
                     line.runs > 1 ? draw_band(canvas, line) : "", path, marks);
}

struct NamePlate {
  double wanted = 0;  // where the line ends
  double y = 0;
  double end_x = 0;
  const CurveLine* line = nullptr;
  std::string value;
};

// Moves labels as little as keeps them from each other and inside the frame.
void spread(std::vector<NamePlate>& labels, const Frame& frame) {
  std::stable_sort(labels.begin(), labels.end(),
                   [](const NamePlate& a, const NamePlate& b) { return a.wanted < b.wanted; });
  double free = frame.top;
  for (NamePlate& label : labels) {
    label.y = std::max(label.wanted, free);
    free = label.y + kLabelHeight;
  }
  double lowest = frame.y(0);
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    label->y = std::min(label->y, lowest);
    lowest = label->y - kLabelHeight;
  }
}

// The name of the line's end: the group's, or for its dashed line what that was measured on.
std::string end_name(const CurveLine& line) {
  return line.watched ? "validation" : shortened(line.name, kLabelLetters);
}

std::vector<NamePlate> make_labels(const CurveSpace& canvas, const std::vector<CurveLine>& lines,
                                   CurveMeasure measure) {
  std::vector<NamePlate> labels;
  for (const CurveLine& line : lines) {
    std::size_t last = line.mean.size() - 1;
    while (!std::isfinite(line.mean[last])) --last;
    labels.push_back(
        {canvas.y(line.mean[last]), 0, canvas.x(last), &line, shown(measure, line.mean[last])});
  }
  spread(labels, canvas.frame);
  return labels;
}

// Of the widest label, the same for accuracy and loss, so that both are drawn at one size. Phones
// show its value alone (model.css) and the names under the drawing.
double label_width(const std::vector<CurveLine>& lines) {
  std::size_t letters = 0;
  for (const CurveLine& line : lines) letters = std::max(letters, letter_count(end_name(line)));
  return 9.2 * double(letters + 7);
}

double chart_width(const std::vector<CurveLine>& lines) {
  return kCurveLeft + kCurveWidth + 27 + label_width(lines);
}

std::string draw_labels(const CurveSpace& canvas, const std::vector<NamePlate>& labels) {
  std::string out;
  const double x = canvas.frame.x(1) + 18;
  for (const NamePlate& label : labels) {
    out += fmt::format(
        "<path d=\"M{:.1f} {:.1f}H{:.1f}L{:.1f} {:.1f}\" class=\"leader\"/>\n<g class=\"curve "
        "c{}\">{}</g>\n",
        label.end_x + 5, label.wanted, canvas.frame.x(1) + 5, x - 4, label.y,
        label.line->group % kStyles, mark(*label.line, x, label.y));
    out += fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"label c{}\">{}<tspan class=\"who\"> {}</tspan>"
        "</text>\n",
        x + 9, label.y + 4.5, label.line->group % kStyles, escape(label.value),
        escape(end_name(*label.line)));
  }
  return out;
}

// One tall strip per epoch that names every line's figure to the pointer.
std::string draw_probes(const CurveSpace& canvas, const std::vector<CurveLine>& lines,
                        CurveMeasure measure) {
  const bool say_set = any_watched(lines);
  const double width = canvas.frame.width / double(std::max<std::size_t>(1, canvas.epochs - 1));
  std::string out;
  for (std::size_t e = 0; e < canvas.epochs; ++e) {
    std::string text = fmt::format("epoch {}", e + 1);
    for (const CurveLine& line : lines) {
      if (e >= line.mean.size() || !std::isfinite(line.mean[e])) continue;
      text += fmt::format("\n{}: {}", full_name(line, say_set), shown(measure, line.mean[e]));
      if (line.runs > 1) {
        text +=
            fmt::format(" ({} to {})", shown(measure, line.low[e]), shown(measure, line.high[e]));
      }
    }
    out += fmt::format(
        "<g class=\"probe\"><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">"
        "<title>{}</title></rect><path d=\"M{:.1f} {:.1f}V{:.1f}\"/></g>\n",
        canvas.x(e) - width / 2, canvas.frame.top, width, canvas.frame.height, escape(text),
        canvas.x(e), canvas.frame.y(1), canvas.frame.y(0));
  }
  return out;
}

std::string describe(const std::vector<CurveLine>& lines, CurveMeasure measure) {
  const bool say_set = any_watched(lines);
  std::string text;
  for (const CurveLine& line : lines) {
    text += fmt::format("{}{}: {} after epoch 1, {} after epoch {}", text.empty() ? "" : "; ",
                        full_name(line, say_set), shown(measure, line.mean.front()),
                        shown(measure, line.mean.back()), line.mean.size());
  }
  return text;
}

CurveSpace make_canvas(const std::vector<CurveLine>& lines, CurveMeasure measure) {
  std::vector<double> all;
  CurveSpace canvas;
  for (const CurveLine& line : lines) {
    all.insert(all.end(), line.low.begin(), line.low.end());
    all.insert(all.end(), line.high.begin(), line.high.end());
    canvas.epochs = std::max(canvas.epochs, line.mean.size());
  }
  const bool share = measure == CurveMeasure::accuracy;
  canvas.limits = round_limits(all, 0, share ? 1 : std::numeric_limits<double>::infinity(),
                               share ? kLeastAccuracies : 0);
  canvas.frame = {kCurveLeft, 36, kCurveWidth,
                  std::max(220.0, kLabelHeight * double(lines.size()))};
  return canvas;
}

std::string key_text(const std::vector<CurveLine>& lines) {
  std::string text = any_watched(lines)
                         ? "Solid lines with filled marks: the training images, as they were "
                           "trained, dropout on. Dashed lines with hollow marks: the validation "
                           "images after each epoch, dropout off."
                         : "On the training images while they were trained, dropout on.";
  text += " The training loss includes the weights\xE2\x80\x99 penalty.";
  std::size_t runs = 0;
  for (const CurveLine& line : lines) runs = std::max(runs, line.runs);
  if (runs > 1) text += " Lines are means over runs with different seeds, bands their range.";
  return text;
}

// Which mark and colour is whose, where the lines' ends have no room for names.
std::string names_html(const std::vector<CurveLine>& lines) {
  constexpr const char* kSigns[kStyles] = {"\u25CF", "\u25A0", "\u25B2",
                                           "\u25C6", "\u25BC", "\u2715"};
  std::string out;
  for (const CurveLine& line : lines) {
    if (line.watched) continue;
    out += fmt::format("<li class=\"c{}\">{} {}</li>\n", line.group % kStyles,
                       kSigns[line.group % kStyles], escape(line.name));
  }
  return "<ul class=\"curve-key\">\n" + out + "</ul>\n";
}

std::string figures_table(const std::vector<CurveGroup>& groups) {
  Table table{"Figures by epoch", {{"epoch"}}, {}, -1, false};
  std::vector<std::pair<CurveLine, CurveMeasure>> columns;
  std::size_t epochs = 0;
  const std::vector<CurveLine> accuracy = curve_lines(groups, CurveMeasure::accuracy);
  const bool say_set = any_watched(accuracy);
  for (const CurveMeasure measure : {CurveMeasure::accuracy, CurveMeasure::loss}) {
    for (CurveLine& line : curve_lines(groups, measure)) {
      table.columns.push_back(
          {full_name(line, say_set) + (measure == CurveMeasure::loss ? ": loss" : ": accuracy")});
      epochs = std::max(epochs, line.mean.size());
      columns.emplace_back(std::move(line), measure);
    }
  }
  for (std::size_t e = 0; e < epochs; ++e) {
    std::vector<std::string>& row = table.rows.emplace_back();
    row.push_back(std::to_string(e + 1));
    for (const auto& [line, measure] : columns) {
      row.push_back(e < line.mean.size() ? shown(measure, line.mean[e]) : "");
    }
  }
  return "<details>\n<summary>The figures of every epoch</summary>\n" + table_html(table) +
         "</details>\n";
}

}  // namespace

std::string curve_chart(std::string_view id, const std::vector<CurveGroup>& groups,
                        CurveMeasure measure) {
  const std::vector<CurveLine> lines = curve_lines(groups, measure);
  if (lines.empty()) return "";
  const CurveSpace canvas = make_canvas(lines, measure);
  const bool in_percent = measure == CurveMeasure::accuracy;
  const std::string title = in_percent ? "Accuracy" : "Loss";
  const std::vector<NamePlate> labels = make_labels(canvas, lines, measure);
  std::string out = svg_open(id, chart_width(lines), canvas.frame.y(0) + 46, title + " over epochs",
                             describe(lines, measure));
  out += svg_text(0, 15, "start", "title", title);
  out += ticks_left(canvas.frame, value_ticks(canvas.limits, in_percent ? 100 : 1,
                                              in_percent ? "\xC2\xA0%" : ""));
  out += ticks_below(canvas.frame, epoch_ticks(int(canvas.epochs)), false);
  out += svg_text(canvas.frame.x(0.5), canvas.frame.y(0) + 40, "middle", "", "epoch");
  for (const CurveLine& line : lines) out += draw_line(canvas, line);
  out += draw_labels(canvas, labels);
  return out + draw_probes(canvas, lines, measure) + "</svg>\n";
}

std::string curve_figures(std::string_view id, const std::vector<CurveGroup>& groups) {
  const std::string accuracy =
      curve_chart(fmt::format("{}-accuracy", id), groups, CurveMeasure::accuracy);
  const std::string loss = curve_chart(fmt::format("{}-loss", id), groups, CurveMeasure::loss);
  if (accuracy.empty() && loss.empty()) return "";
  std::vector<CurveLine> lines = curve_lines(groups, CurveMeasure::accuracy);
  if (lines.empty()) lines = curve_lines(groups, CurveMeasure::loss);
  const auto figure = [&](const std::string& chart) {
    return chart.empty() ? ""
                         : fmt::format("<figure style=\"--units: {:.0f}\">\n{}</figure>\n",
                                       chart_width(lines), chart);
  };
  return "<div class=\"curves\">\n" + figure(accuracy) + figure(loss) + "</div>\n" +
         names_html(lines) + "<p class=\"soft\">" + key_text(lines) + "</p>\n" +
         figures_table(groups);
}

}  // namespace tailor::internal
