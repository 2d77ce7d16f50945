#include "tailor/report/run/confusion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "tailor/report/parts/html.hpp"
#include "tailor/report/run/heat_map.hpp"
#include "tailor/report/run/sheet.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kTableClasses = 30;  // beyond, figures no longer fit any screen
constexpr std::size_t kUprightName = 5;    // bytes that stand over a column as they are
constexpr std::size_t kPairs = 12;
constexpr std::size_t kSheetSamples = 4'000'000;  // of all images behind the cells together

using Place = std::pair<std::size_t, std::size_t>;  // true class, predicted class
using CellImages = std::map<Place, std::vector<const Pictured*>>;

std::int64_t row_sum(const std::vector<std::int64_t>& row) {
  std::int64_t sum = 0;
  for (std::int64_t count : row) sum += count;
  return sum;
}

double share_of(std::int64_t count, std::int64_t total) {
  return total > 0 ? double(count) / double(total) : 0;
}

// Mistakes are a few per cent of a row, so their shade grows with the square root of the share. The
// deepest still lets the ink stand out by 4.5 to 1, light and dark.
double shade(double share, bool hit) {
  return hit ? 0.08 + 0.42 * share : 0.05 + 0.55 * std::sqrt(share);
}

std::string cell_id(std::string_view id, const Place& place) {
  return fmt::format("{}-{}-{}", id, place.first, place.second);
}

// "412 images of Shirt taken for Coat"
std::string cell_words(const Evaluation& test, const Place& place) {
  const std::int64_t count = test.confusion[place.first][place.second];
  const std::string& truth = test.per_class[place.first].name;
  const std::string images = grouped(count) + (count == 1 ? " image of " : " images of ");
  if (place.first == place.second) return images + truth + " recognised";
  return images + truth + " taken for " + test.per_class[place.second].name;
}

struct Pair {
  std::int64_t images = 0;
  Place place;
};

// Worst first, at most kPairs.
std::vector<Pair> worst_pairs(const Evaluation& test) {
  std::vector<Pair> pairs;
  for (std::size_t r = 0; r < test.confusion.size(); ++r) {
    for (std::size_t c = 0; c < test.confusion[r].size(); ++c) {
      if (r != c && test.confusion[r][c] > 0) pairs.push_back({test.confusion[r][c], {r, c}});
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return a.images > b.images; });
  if (pairs.size() > kPairs) pairs.resize(kPairs);
  return pairs;
}

// The images of every cell that has a figure to click: all of the table, the listed pairs
// otherwise.
CellImages group_cells(const Evaluation& test, std::span<const Pictured> cells,
                       const std::vector<Pair>& pairs) {
  const bool all = test.confusion.size() <= kTableClasses;
  CellImages groups;
  for (const Pictured& picture : cells) {
    const Place place{std::size_t(picture.true_class), std::size_t(picture.predicted_class)};
    if (place.first >= test.confusion.size() || place.second >= test.confusion.size() ||
        picture.image.pixels.empty()) {
      continue;
    }
    const bool listed = std::any_of(pairs.begin(), pairs.end(),
                                    [&](const Pair& pair) { return pair.place == place; });
    if (all || listed) groups[place].push_back(&picture);
  }
  return groups;
}

// Leaves out the last images of each cell until the sheet keeps within its size.
void limit_cells(CellImages& groups) {
  std::size_t images = 0, samples = 0;
  for (const auto& [place, pictures] : groups) {
    images += pictures.size();
    samples = std::max(samples, std::min<std::size_t>(pictures.front()->image.pixels.size(),
                                                      std::size_t(64) * 64 * 3));
  }
  if (images * samples <= kSheetSamples) return;
  const std::size_t kept = std::max<std::size_t>(1, kSheetSamples / (groups.size() * samples));
  for (auto& [place, pictures] : groups) {
    if (pictures.size() > kept) pictures.resize(kept);
  }
}

std::string linked(std::string_view id, const Evaluation& test, const CellImages& groups,
                   const Place& place, const std::string& text) {
  if (!groups.contains(place)) return text;
  return fmt::format("<a href=\"#{}\" aria-label=\"{}: show images\">{}</a>", cell_id(id, place),
                     escape(cell_words(test, place)), text);
}

std::string cell_html(std::string_view id, const Evaluation& test, const CellImages& groups,
                      const Place& place, std::int64_t total) {
  const std::int64_t count = test.confusion[place.first][place.second];
  const bool hit = place.first == place.second;
  if (count == 0 && !hit) return "<td class=\"zero\">0</td>";
  const double share = share_of(count, total);
  const std::string both =
      fmt::format("<span class=\"count\">{}</span><span class=\"share\">{}</span>", grouped(count),
                  total > 0 ? decimal(100 * share, 1) : decimal(std::nan(""), 1));
  return fmt::format("<td{} style=\"--a:{:.2f}\">{}</td>", hit ? " class=\"hit\"" : "",
                     shade(share, hit), linked(id, test, groups, place, both));
}

std::string unit_switch(std::string_view id) {
  return fmt::format(
      "<input type=\"radio\" class=\"by-count\" name=\"{0}-unit\" id=\"{0}-counts\" "
      "checked=\"checked\"/><label for=\"{0}-counts\">counts</label>"
      "<input type=\"radio\" class=\"by-share\" name=\"{0}-unit\" id=\"{0}-shares\"/>"
      "<label for=\"{0}-shares\">% of the row</label>\n",
      id);
}

std::string table_head(const Evaluation& test) {
  std::string out =
      "<caption><span>Rows are true classes, columns what the model said; blue is right, orange "
      "wrong, "
      "deeper for a larger share of the row</span></caption>\n"
      "<thead><tr><th scope=\"col\">true \\ predicted</th>";
  const bool turned =
      std::any_of(test.per_class.begin(), test.per_class.end(),
                  [](const ClassScores& scores) { return scores.name.size() > kUprightName; });
  for (const ClassScores& scores : test.per_class) {
    const std::string name = escape(scores.name);
    out += turned
               ? fmt::format("<th scope=\"col\"><div class=\"turned\" title=\"{0}\">{0}</div></th>",
                             name)
               : "<th scope=\"col\">" + name + "</th>";
  }
  return out + "<th scope=\"col\" class=\"n\">all</th></tr></thead>\n";
}

std::string matrix_table(std::string_view id, const Evaluation& test, const CellImages& groups) {
  std::vector<std::int64_t> columns(test.confusion.size(), 0);
  std::int64_t images = 0;
  std::string out =
      "<div class=\"scroll confusion\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Confusion matrix\">\n<table>\n" +
      table_head(test) + "<tbody>\n";
  for (std::size_t r = 0; r < test.confusion.size(); ++r) {
    const std::int64_t total = row_sum(test.confusion[r]);
    out +=
        fmt::format("<tr><th scope=\"row\" title=\"{0}\">{0}</th>", escape(test.per_class[r].name));
    for (std::size_t c = 0; c < test.confusion[r].size(); ++c) {
      columns[c] += test.confusion[r][c];
      out += cell_html(id, test, groups, {r, c}, total);
    }
    images += total;
    out += "<td class=\"sum\">" + grouped(total) + "</td></tr>\n";
  }
  out += "<tr class=\"sum\"><th scope=\"row\">all</th>";
  for (std::int64_t sum : columns) out += "<td class=\"sum\">" + grouped(sum) + "</td>";
  return out + "<td class=\"sum\">" + grouped(images) + "</td></tr>\n</tbody>\n</table>\n</div>\n";
}

std::string pairs_table(std::string_view id, const Evaluation& test, const CellImages& groups,
                        const std::vector<Pair>& pairs) {
  if (pairs.empty()) return "";
  std::string out =
      "<div class=\"scroll pairs\" tabindex=\"0\" role=\"region\" aria-label=\"Most often "
      "confused\">\n<table>\n<caption><span>Most often confused</span></caption>\n<thead><tr><th "
      "scope=\"col\">true \xE2\x86\x92 predicted</th><th scope=\"col\" class=\"n\">images</th>"
      "<th scope=\"col\" class=\"n\">of the row</th></tr></thead>\n<tbody>\n";
  for (const auto& [images, place] : pairs) {
    out += fmt::format(
        "<tr><th scope=\"row\">{} \xE2\x86\x92 {}</th><td class=\"n\">{}</td><td "
        "class=\"n\">{}</td></tr>\n",
        escape(test.per_class[place.first].name), escape(test.per_class[place.second].name),
        linked(id, test, groups, place, grouped(images)),
        percent(share_of(images, row_sum(test.confusion[place.first])), 1));
  }
  return out + "</tbody>\n</table>\n</div>\n";
}

// The images of one cell; hidden until a link names it, but for the first panel.
std::string cell_panel(std::string_view id, const Evaluation& test, const Place& place,
                       const std::vector<const Pictured*>& pictures, bool first, const Sheet& sheet,
                       std::size_t& next) {
  const bool some = std::int64_t(pictures.size()) < test.confusion[place.first][place.second];
  std::string out = fmt::format(
      "<div class=\"cell-images{}\" id=\"{}\" tabindex=\"-1\">\n<p><b>{}</b>{}</p>\n<ul>\n",
      first ? " first" : "", cell_id(id, place), escape(cell_words(test, place)),
      some ? fmt::format(", the {} surest", pictures.size()) : "");
  for (const Pictured* picture : pictures) {
    const std::string said = percent(double(picture->probabilities[place.second]), 1);
    out += fmt::format("<li>{}<span>{}</span><small>{}</small></li>\n",
                       sheet.tile(next++, fmt::format("Test image {}, {}", picture->index, said)),
                       said, picture->index);
  }
  return out + "</ul>\n</div>\n";
}

// All panels in one place; the worst pair's is open as long as none was chosen.
std::string shelf(std::string_view id, const Evaluation& test, const CellImages& groups,
                  const std::vector<Pair>& pairs) {
  if (groups.empty()) return "";
  std::vector<const Pictured*> all;
  for (const auto& [place, pictures] : groups) {
    all.insert(all.end(), pictures.begin(), pictures.end());
  }
  const Sheet sheet(fmt::format("{}-sheet", id), all);
  const auto worst = std::find_if(pairs.begin(), pairs.end(),
                                  [&](const Pair& pair) { return groups.contains(pair.place); });
  const Place first = worst == pairs.end() ? groups.begin()->first : worst->place;
  std::string out = "<div class=\"shelf\">\n" + sheet.html();
  std::size_t next = 0;
  for (const auto& [place, pictures] : groups) {
    out += cell_panel(id, test, place, pictures, place == first, sheet, next);
  }
  return out +
         "<p class=\"soft\">Choose a figure to see the images it counts, with the probability the "
         "model gave to its answer and their index in the test set.</p>\n</div>\n";
}

}  // namespace

std::string confusion_html(std::string_view id, const Evaluation& test,
                           std::span<const Pictured> cells) {
  if (test.confusion.empty()) return "";
  const std::vector<Pair> pairs = worst_pairs(test);
  CellImages groups = group_cells(test, cells, pairs);
  if (!groups.empty()) limit_cells(groups);
  const bool small = test.confusion.size() <= kTableClasses;
  return "<div class=\"matrix\">\n" + (small ? unit_switch(id) : "") + "<div class=\"tables\">\n" +
         (small ? matrix_table(id, test, groups) : heat_map_html(fmt::format("{}-map", id), test)) +
         pairs_table(id, test, groups, pairs) + "</div>\n" + shelf(id, test, groups, pairs) +
         "</div>\n";
}

}  // namespace tailor::internal
