#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tailor/report/charts/search_charts.hpp"
#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

constexpr double kTop = 46, kHeight = 230, kLeft = 70, kApart = 150, kRight = 60;
constexpr std::size_t kManyLines = 100;  // from here on they are thin and let others shine through

double up(double share) {
  return kTop + (1 - share) * kHeight;
}

// A halo in the page's colour keeps the names of ticks readable over the lines.
std::string upright_axis(double x, const std::string& name, const std::vector<Tick>& ticks) {
  std::string out = svg_line(x, up(0), x, up(1), "axis");
  out += svg_text(x, kTop - 16, "middle", "title", shortened(name, 18));
  double free_below = up(0) + 20;
  for (const Tick& tick : ticks) {
    const double y = up(tick.at);
    out += svg_line(x - 4, y, x, y, "axis");
    if (y > free_below) continue;
    free_below = y - 14;
    out += svg_text(x - 8, y + 4.5, "end", "halo", shortened(tick.text, 12));
  }
  return out;
}

// Worst first, so that better lines lie on top; failed fits under all.
std::vector<std::size_t> drawing_order(const SearchView& view) {
  std::vector<std::size_t> order(view.search.rows.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return view.search.rows[a].rank > view.search.rows[b].rank;
  });
  return order;
}

std::string thread(const SearchView& view, const std::vector<Axis>& axes, std::size_t candidate) {
  const double score = view.search.rows[candidate].mean_test_score;
  std::string path;
  double x = kLeft;
  for (const Axis& axis : axes) {
    path +=
        fmt::format("{}{:.0f} {:.1f}", path.empty() ? "M" : "L", x, up(axis.positions[candidate]));
    x += kApart;
  }
  if (!std::isfinite(score)) {
    return fmt::format("<path d=\"{}\" class=\"failed\" stroke-dasharray=\"5 4\" data-c=\"{}\"/>\n",
                       path, candidate);
  }
  path += fmt::format("L{:.0f} {:.1f}", x, up(view.height(score)));
  const bool best = int(candidate) == view.search.best_index;
  return fmt::format("<path d=\"{}\" class=\"thread q{}{}\" data-c=\"{}\"/>\n", path,
                     view.level(score), best ? " winner" : "", candidate);
}

}  // namespace

double parallel_width(const SearchView& view) {
  return kLeft + kApart * double(view.varying) + kRight;
}

std::string parallel_chart(std::string_view id, const SearchView& view) {
  if (view.varying < 2) return "";
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < view.varying; ++i) axes.push_back(path_axis(view, view.paths[i]));
  const double last = kLeft + kApart * double(axes.size());
  std::string out = svg_open(
      id, parallel_width(view), kTop + kHeight + 16, "Candidates across all hyperparameters",
      fmt::format("One line per candidate over {} hyperparameters and the mean score; the thick "
                  "line is the best, with {}. The table lists them all.",
                  axes.size(), to_python(view.best().params)));
  out += view.search.rows.size() > kManyLines ? "<g class=\"many\">\n" : "<g>\n";
  for (const std::size_t candidate : drawing_order(view)) out += thread(view, axes, candidate);
  out += "</g>\n";
  for (std::size_t i = 0; i < axes.size(); ++i) {
    out += upright_axis(kLeft + kApart * double(i), short_name(view, view.paths[i]), axes[i].ticks);
  }
  return out + upright_axis(last, "mean score", value_ticks(view.limits, 100, "\xC2\xA0%")) +
         "</svg>\n";
}

}  // namespace tailor::internal
