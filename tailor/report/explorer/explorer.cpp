#include "tailor/report/explorer/explorer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"
#include "tailor/core/json.hpp"
#include "tailor/formats/image.hpp"
#include "tailor/report/explorer/check.hpp"
#include "tailor/report/explorer/images.hpp"
#include "tailor/report/explorer/payload.hpp"
#include "tailor/report/parts/html.hpp"
#include "tailor/report/picture/palette.hpp"
#include "tailor/report/web/web.hpp"

namespace tailor::internal {
namespace {

constexpr int kNeighboursShown = 10;
// Up to here a way is finer than a pixel of a 4K screen; beyond, 12 bits keep 70,000 points small.
constexpr std::size_t kFinePoints = 20'000;
constexpr int kFineBits = 13, kCoarseBits = 12;
// A coordinate of a way costs about a byte in the file (measured on Fashion-MNIST, base64
// included); ways together may take this share of the page.
constexpr double kWayShare = 0.3;

constexpr std::string_view kExplorerPolicy =
    "default-src 'none'; img-src blob: data:; style-src 'unsafe-inline'; script-src "
    "'unsafe-inline'";

// Bytes that must not stand in a name: those that are not UTF-8 and control characters become
// U+FFFD, as in escape(), which is undone for the rest since JSON has its own escapes.
std::string readable(const std::string& text) {
  std::string out = escape(text);
  for (const auto& [entity, plain] :
       {std::pair{"&lt;", "<"}, std::pair{"&gt;", ">"}, std::pair{"&quot;", "\""},
        std::pair{"&#39;", "'"}, std::pair{"&amp;", "&"}}) {
    for (std::size_t at = out.find(entity); at != std::string::npos;
         at = out.find(entity, at + 1)) {
      out.replace(at, std::string_view(entity).size(), plain);
    }
  }
  return out;
}

// JSON that can stand in a script element: no tag begins in it.
std::string inert(const Json& json) {
  const std::string text = json_text(json);
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

std::string payload(std::string_view id, const std::string& text) {
  return fmt::format("<script type=\"text/plain\" id=\"{}\">{}</script>\n", id, text);
}

// Tells the script that what stands before it is complete.
std::string arrival(std::string_view id) {
  return fmt::format("<script>tailor.arrived('{}')</script>\n", id);
}

void check_columns(const ExplorerData& data) {
  const std::size_t points = data.points.size();
  const auto fits = [&](std::size_t size, bool optional) {
    return size == points || (optional && size == 0);
  };
  bool good = fits(data.in_test.size(), false) && fits(data.predicted.size(), true) &&
              fits(data.confidence.size(), true) &&
              (data.neighbours.empty() || data.neighbours.size() == data.maps.size());
  for (const Embedding& map : data.maps) {
    good = good && map.points == points && !map.frames.empty() &&
           (map.dimensions == 2 || map.dimensions == 3);
    for (const MapFrame& frame : map.frames) {
      good = good && frame.coordinates.size() == points * std::size_t(map.dimensions);
    }
  }
  if (!good) throw bad_input("explorer: columns, maps and images are not of the same points");
}

struct Way {
  std::vector<std::size_t> kept;
  int bits = kFineBits;
};

std::vector<Way> plan_ways(const ExplorerData& data) {
  std::vector<Way> ways;
  const std::size_t points = data.points.size();
  const double all = kWayShare * double(explorer_budget(points));
  for (const Embedding& map : data.maps) {
    ways.push_back({kept_frames(map, std::size_t(all / double(data.maps.size()))),
                    points <= kFinePoints ? kFineBits : kCoarseBits});
  }
  return ways;
}

Json map_json(const Embedding& map, const Way& way, const Neighbours* neighbours) {
  Json json;
  json["name"] = readable(map.name);
  json["method"] = readable(map.method);
  json["dimensions"] = map.dimensions;
  json["bits"] = way.bits;
  for (const std::size_t frame : way.kept) {
    json["steps"].push_back(map.frames[frame].step);
    json["kl"].push_back(std::round(map.frames[frame].kl * 1e4) / 1e4);
  }
  json["trustworthiness"] = map.quality.trustworthiness;
  json["accuracy"] = map.quality.map_accuracy;
  json["neighbours"] = neighbours ? std::min(neighbours->k, kNeighboursShown) : 0;
  json["neighbour_bytes"] = neighbour_bytes(map.points);
  return json;
}

const Neighbours* neighbours_of(const ExplorerData& data, std::size_t map) {
  if (data.neighbours.empty() || data.neighbours[map].k == 0) return nullptr;
  return &data.neighbours[map];
}

std::string meta_json(const ExplorerData& data, const std::vector<Way>& ways,
                      const SpritePages& sprite) {
  Json json;
  json["points"] = data.points.size();
  json["model"] = !data.predicted.empty();
  json["confidence"] = !data.confidence.empty();
  // A label without a name still needs an entry in the legend.
  const std::vector<std::string>& names = data.points.set->class_names;
  std::size_t classes = names.size();
  const std::vector<Label> labels = labels_of(data.points);
  for (const auto* column : {&labels, &data.predicted}) {
    for (const Label label : *column) classes = std::max(classes, std::size_t(label) + 1);
  }
  json["classes"] = Json::array();
  for (std::size_t i = 0; i < classes; ++i) {
    const std::string name = i < names.size() ? readable(names[i]) : "";
    json["classes"].push_back(name.empty() ? fmt::format("class {}", i) : name);
  }
  for (const Rgb& colour : kClassColours) json["palette"].push_back(colour);
  json["maps"] = Json::array();
  for (std::size_t m = 0; m < data.maps.size(); ++m) {
    json["maps"].push_back(map_json(data.maps[m], ways[m], neighbours_of(data, m)));
  }
  json["images"] = {{"height", sprite.shape.height},
                    {"width", sprite.shape.width},
                    {"channels", sprite.shape.channels},
                    {"cell_height", sprite.cell_height},
                    {"cell_width", sprite.cell_width},
                    {"columns", sprite.columns},
                    {"rows", sprite.rows},
                    {"pages", sprite.pages.size()},
                    {"quality", sprite.quality}};
  return inert(json);
}

std::string provenance_html(const ExplorerData& data) {
  std::string rows;
  for (const auto& [name, value] : data.provenance) {
    rows += "<dt>" + escape(name) + "</dt><dd>" + escape(value) + "</dd>\n";
  }
  for (const Embedding& map : data.maps) {
    std::string text = escape(map.method);
    if (map.quality.trustworthiness > 0) {
      text += " \xC2\xB7 trustworthiness " + decimal(map.quality.trustworthiness, 4);
    }
    if (map.quality.map_accuracy > 0) {
      text += " \xC2\xB7 class of 10 neighbours on the map " + percent(map.quality.map_accuracy);
    }
    if (map.quality.kept_neighbours > 0) {
      text += " \xC2\xB7 neighbours kept " + percent(map.quality.kept_neighbours, 1);
    }
    rows += "<dt>map: " + escape(map.name) + "</dt><dd>" + text + "</dd>\n";
  }
  return rows.empty()
             ? ""
             : section_html("provenance", "Where this comes from", "<dl>\n" + rows + "</dl>\n");
}

std::string ways_html(const ExplorerData& data, const std::vector<Way>& ways) {
  std::string out;
  for (std::size_t m = 0; m < data.maps.size(); ++m) {
    if (m > 0) out += payload(fmt::format("end-{}", m), base64(packed_end(data.maps[m])));
    if (m > 0) out += arrival(fmt::format("end-{}", m));
  }
  for (std::size_t m = 0; m < data.maps.size(); ++m) {
    const std::string way = fmt::format("way-{}", m), near = fmt::format("near-{}", m);
    if (ways[m].kept.size() > 1) {
      out += payload(way, base64(packed_way(data.maps[m], ways[m].kept, ways[m].bits)));
      out += arrival(way);
    }
    if (const Neighbours* neighbours = neighbours_of(data, m)) {
      out += payload(near, base64(packed_neighbours(*neighbours, kNeighboursShown)));
      out += arrival(near);
    }
  }
  return out;
}

std::string pages_html(const SpritePages& sprite) {
  std::string out;
  for (std::size_t i = 0; i < sprite.pages.size(); ++i) {
    const std::string id = fmt::format("page-{}", i);
    out += payload(id, sprite.pages[i]) + arrival(id);
  }
  return out;
}

}  // namespace

// The order of the file is the order of looking: style and skeleton, the end of the first map and
// the script that draws it, what reads without script, then the ways, and the images last.
std::string render_explorer(const ExplorerData& data) {
  check_columns(data);
  const std::vector<Way> ways = plan_ways(data);
  const std::string moving = ways_html(data, ways);
  const std::string reading = check_html(data) + provenance_html(data);
  const std::string script = fmt::format("<script>\n{}</script>\n", web_file("explorer.js"));
  const std::string columns = base64(packed_columns(data));
  const std::string end = data.maps.empty() ? "" : base64(packed_end(data.maps[0]));
  constexpr std::size_t kSkeleton = 120'000;  // head, style, metadata of 256 long names
  const std::size_t taken =
      moving.size() + reading.size() + script.size() + columns.size() + end.size() + kSkeleton;
  const std::size_t budget = explorer_budget(data.points.size());
  const SpritePages sprite = sprite_pages(data.points, budget > taken ? budget - taken : 0);

  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\" />\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n"
      "<title>{}</title>\n<style>\n{}{}</style>\n</head>\n<body>\n",
      kExplorerPolicy, escape(data.title), web_file("theme.css"), web_file("explorer.css"));
  out += fmt::format(
      "<header>\n<div><h1>{}</h1>\n<p>{}</p></div>\n<nav aria-label=\"Parts of this page\">{}{}"
      "</nav>\n</header>\n<main>\n",
      escape(data.title), escape(data.subtitle),
      data.check ? "<a href=\"#check\">Data quality</a>" : "",
      data.provenance.empty() ? "" : "<a href=\"#provenance\">Provenance</a>");
  out +=
      "<div id=\"explorer\"><noscript><p>The map needs JavaScript; everything below does not."
      "</p></noscript></div>\n";
  out += "<script type=\"application/json\" id=\"meta\">" + meta_json(data, ways, sprite) +
         "</script>\n";
  out += payload("columns", columns) + payload("end-0", end) + script;
  out += reading + "</main>\n" + moving + pages_html(sprite) + arrival("all");
  return out + "</body>\n</html>\n";
}

}  // namespace tailor::internal
