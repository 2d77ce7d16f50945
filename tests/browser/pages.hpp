// Small records to make pages of: drawn images, a classifier that is right nine times in ten, and
// maps that move from a heap to clusters. The same every time.
#pragma once

#include <string>
#include <vector>

#include "tailor/core/shape.hpp"
#include "tailor/report/compare/comparison.hpp"
#include "tailor/report/explorer/explorer.hpp"
#include "tailor/report/run/report.hpp"

namespace tailor::internal::browser {

struct SmallSet {
  Shape shape;
  std::vector<std::string> names;
  std::size_t points = 0;
  int candidates = 12;  // of its search; the last of several fails
};

SmallSet grey_set();     // 300 images of 8x8, 3 classes
SmallSet hostile_set();  // the same with names, titles and settings that try to run
SmallSet colour_set();   // 1,000 images of 32x32x3, 100 classes

// Sizes that a page must bear, of images of 8x8: short names are numbers, long ones take 50
// letters.
enum class Names { kShort, kPlain, kLong };
SmallSet sized_set(std::size_t classes, Names names, std::size_t points, int candidates);

// The texts of hostile_set(): each sets window.hacked to something where a page runs it.
std::vector<std::string> hostile_texts();

// Two 2-D maps and a 3-D one, a model's predictions and a data check.
ExplorerData explorer_data(const SmallSet& set);

// First and final model, a search with a failed candidate, pictures, calibration, anatomy.
ReportData report_data(const SmallSet& set);

// Two groups of runs, three seeds and one.
std::vector<ComparedRun> compared_runs(const SmallSet& set);

}  // namespace tailor::internal::browser
