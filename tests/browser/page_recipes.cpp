#include "tests/browser/page_recipes.hpp"

#include <cstdlib>
#include <functional>
#include <map>

#include "tests/browser/pages.hpp"

namespace tailor::internal::browser {
namespace {

using Recipe = std::function<std::string()>;

std::map<std::string, Recipe> recipes() {
  using MakeSet = std::function<SmallSet()>;
  std::map<std::string, MakeSet> sets = {
      {"grey", grey_set},
      {"hostile", hostile_set},
      {"colour", colour_set},
      {"two", [] { return sized_set(2, Names::kPlain, 12, 1); }},
      {"digits", [] { return sized_set(10, Names::kShort, 400, 30); }},
      {"forty", [] { return sized_set(40, Names::kLong, 800, 30); }}};
  if (std::getenv("TAILOR_BROWSER_LARGE") != nullptr) {
    sets["ten-60000"] = [] { return sized_set(10, Names::kPlain, 60'000, 300); };
    sets["forty-plain"] = [] { return sized_set(40, Names::kPlain, 6000, 30); };
    sets["200"] = [] { return sized_set(200, Names::kPlain, 60'000, 300); };
    sets["200-long"] = [] { return sized_set(200, Names::kLong, 2000, 300); };
  }
  std::map<std::string, Recipe> all;
  for (const auto& [name, make] : sets) {
    all["report-" + name] = [set = make] { return render_report(report_data(set())); };
    all["explorer-" + name] = [set = make] { return render_explorer(explorer_data(set())); };
    all["comparison-" + name] = [set = make] { return render_comparison(compared_runs(set())); };
  }
  return all;
}

}  // namespace

std::vector<std::string> page_names() {
  std::vector<std::string> names;
  for (const auto& [name, recipe] : recipes()) names.push_back(name);
  return names;
}

std::string page_text(const std::string& name) {
  return recipes().at(name)();
}

}  // namespace tailor::internal::browser
