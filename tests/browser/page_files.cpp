#include "tests/browser/page_files.hpp"

#include <functional>
#include <map>

#include "tests/browser/fixture.hpp"
#include "tests/browser/pages.hpp"

namespace tailor::internal::browser {
namespace {

using Recipe = std::function<std::string()>;

std::map<std::string, Recipe> recipes() {
  const std::map<std::string, SmallSet (*)()> sets = {
      {"grey", grey_set}, {"hostile", hostile_set}, {"colour", colour_set}};
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

std::filesystem::path page_file(const std::string& name) {
  static std::map<std::string, std::filesystem::path> files;
  if (!files.contains(name)) files[name] = write_page(name, recipes().at(name)());
  return files[name];
}

}  // namespace tailor::internal::browser
