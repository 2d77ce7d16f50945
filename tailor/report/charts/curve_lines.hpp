// What a chart of learning curves draws: every group's runs as one line of means between their
// least and greatest.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tailor/report/charts/curves.hpp"

namespace tailor::internal {

struct CurveLine {
  std::string name;
  std::size_t group = 0;
  bool watched = false;                 // measured on the watched set
  std::size_t runs = 0;                 // that are not empty
  std::vector<double> mean, low, high;  // by epoch; NaN where no run has a value
};

// Of every group its training line, then its watched one; those without a single value are left
// out.
std::vector<CurveLine> curve_lines(const std::vector<CurveGroup>& groups, CurveMeasure measure);

bool any_watched(const std::vector<CurveLine>& lines);

// A value as it is printed, and a line's name, which tells training from validation where asked.
std::string shown(CurveMeasure measure, double value);
std::string full_name(const CurveLine& line, bool say_set);

}  // namespace tailor::internal
