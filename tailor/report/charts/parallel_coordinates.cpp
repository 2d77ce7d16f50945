#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tailor/report/charts/search_charts.hpp"
#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kManyLines = 100;   // from here on they are thin and let others shine through
constexpr std::size_t kLongestName = 12;  // of a tick
constexpr double kLetter = 7.6;

// An axis is a band: lines come in at `from` and go on at `to`, and the ticks have their names
// between, where no line runs.
struct Band {
  std::string name;
  Axis axis;
  double from = 0, to = 0;
};

// Where bands and shares are on the drawing: bands from left to right and shares upwards, or bands
// from top to bottom and shares to the right.
struct Layout {
  bool stacked = false;
  std::vector<Band> bands;  // the last one is the score's
  double length = 0;        // of all bands and what lies between
  double start = 0, reach = 0;

  double at(double share) const {
    return stacked ? start + share * reach : start + (1 - share) * reach;
  }
  std::string point(double along, double share) const {
    return stacked ? fmt::format("{:.1f} {:.1f}", at(share), along)
                   : fmt::format("{:.1f} {:.1f}", along, at(share));
  }
};

std::size_t longest_name(const Axis& axis) {
  std::size_t longest = 0;
  for (const Tick& tick : axis.ticks) longest = std::max(longest, letter_count(tick.text));
  return std::min(longest, kLongestName);
}

Axis score_band(const SearchView& view) {
  Axis axis;
  axis.ticks = value_ticks(view.limits, 100, "\xC2\xA0%");
  for (const CandidateRow& row : view.search.rows) {
    const bool scored = std::isfinite(row.mean_test_score);
    axis.positions.push_back(scored ? view.height(row.mean_test_score) : std::nan(""));
  }
  return axis;
}

Layout lay_out(const SearchView& view, bool stacked) {
  constexpr double kBesideGap = 92, kStackedGap = 62, kStackedBand = 54;
  Layout layout{stacked, {}, 0, stacked ? 28.0 : 46.0, stacked ? 404.0 : 230.0};
  for (std::size_t i = 0; i < view.varying; ++i) {
    layout.bands.push_back({short_name(view, view.paths[i]), path_axis(view, view.paths[i]), 0, 0});
  }
  layout.bands.push_back({"mean score", score_band(view), 0, 0});
  double along = 4;
  for (Band& band : layout.bands) {
    const double wide = std::max(40.0, kLetter * double(longest_name(band.axis)) + 18);
    band.from = along;
    band.to = along + (stacked ? kStackedBand : wide);
    along = band.to + (stacked ? kStackedGap : kBesideGap);
  }
  layout.length = layout.bands.back().to + 4;
  return layout;
}

// The score's axis stands where the lines end, all others where they go on.
double edge_of(const Layout& layout, const Band& band) {
  return &band == &layout.bands.back() ? band.from : band.to;
}

std::string upright_axis(const Layout& layout, const Band& band) {
  const bool first = &band == &layout.bands.front(), last = &band == &layout.bands.back();
  const double x = edge_of(layout, band), out = last ? 1 : -1;
  std::string svg = svg_line(x, layout.at(0), x, layout.at(1), "axis");
  if (!first && !last) svg += svg_line(band.from, layout.at(0), band.from, layout.at(1), "grid");
  svg += svg_text(first  ? band.from
                  : last ? band.to
                         : (band.from + band.to) / 2,
                  22,
                  first  ? "start"
                  : last ? "end"
                         : "middle",
                  "title", shortened(band.name, first || last ? 13 : 17));
  double free_below = layout.at(0) + 20;
  for (const Tick& tick : band.axis.ticks) {
    const double y = layout.at(tick.at);
    svg += svg_line(x, y, x + 4 * out, y, "axis");
    if (y > free_below) continue;
    free_below = y - 14;
    svg += svg_text(x + 8 * out, y + 4.5, last ? "start" : "end", "",
                    shortened(tick.text, kLongestName));
  }
  return svg;
}

std::string lying_axis(const Layout& layout, const Band& band) {
  const bool last = &band == &layout.bands.back();
  const double y = edge_of(layout, band), out = last ? 1 : -1;
  std::string svg = svg_line(layout.at(0), y, layout.at(1), y, "axis");
  if (!last && &band != &layout.bands.front()) {
    svg += svg_line(layout.at(0), band.from, layout.at(1), band.from, "grid");
  }
  svg += svg_text(0, last ? y + 38 : y - 28, "start", "title", shortened(band.name, 40));
  double free_from = -layout.start;
  for (const Tick& tick : band.axis.ticks) {
    const double x = layout.at(tick.at);
    const std::string text = shortened(tick.text, kLongestName);
    const double half = (kLetter + 1) * double(std::min(letter_count(tick.text), kLongestName)) / 2;
    svg += svg_line(x, y, x, y + 4 * out, "axis");
    if (x - half < free_from) continue;
    free_from = x + half + 6;
    svg += svg_text(x, last ? y + 19 : y - 9, "middle", "", text);
  }
  return svg;
}

std::string thread(const SearchView& view, const Layout& layout, std::size_t candidate) {
  const double score = view.search.rows[candidate].mean_test_score;
  const bool failed = !std::isfinite(score);
  std::string path;
  for (std::size_t i = 0; i + 1 < layout.bands.size(); ++i) {
    const Band &here = layout.bands[i], &next = layout.bands[i + 1];
    const double there = next.axis.positions[candidate];
    if (!std::isfinite(there)) break;  // a failed one has no score to go to
    path += "M" + layout.point(here.to, here.axis.positions[candidate]) + "L" +
            layout.point(next.from, there);
  }
  if (failed) {
    return fmt::format("<path d=\"{}\" class=\"failed\" stroke-dasharray=\"5 4\" data-c=\"{}\"/>\n",
                       path, candidate);
  }
  const bool best = int(candidate) == view.search.best_index;
  return fmt::format("<path d=\"{}\" class=\"thread q{}{}\" data-c=\"{}\"/>\n", path,
                     view.level(score), best ? " winner" : "", candidate);
}

ParallelChart draw(std::string_view id, const SearchView& view, bool stacked) {
  if (view.varying < 2) return {};
  const Layout layout = lay_out(view, stacked);
  const double width = stacked ? 460 : layout.length;
  std::string out = svg_open(
      id, width, stacked ? layout.length : 292, "Candidates across all hyperparameters",
      fmt::format("One line per candidate over {} hyperparameters and the mean score; the thick "
                  "line is the best, with {}. The table lists them all.",
                  view.varying, to_python(view.best().params)));
  out += view.search.rows.size() > kManyLines ? "<g class=\"many\">\n" : "<g>\n";
  for (const std::size_t candidate : drawing_order(view)) out += thread(view, layout, candidate);
  out += "</g>\n";
  for (const Band& band : layout.bands) {
    out += stacked ? lying_axis(layout, band) : upright_axis(layout, band);
  }
  return {out + "</svg>\n", width};
}

}  // namespace

ParallelChart parallel_beside(std::string_view id, const SearchView& view) {
  return draw(id, view, false);
}

ParallelChart parallel_stacked(std::string_view id, const SearchView& view) {
  return draw(id, view, true);
}

}  // namespace tailor::internal
