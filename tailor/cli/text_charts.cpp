#include "tailor/cli/text_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "tailor/cli/text_width.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

constexpr int kRows = 9;
constexpr int kChartColumns = 60;
constexpr std::size_t kNameColumns = 14;
constexpr std::size_t kLargestMatrix = 20;  // classes; beyond, a row no longer fits 120 columns
constexpr std::size_t kPairs = 10;

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  std::size_t epochs = 0;
};

Range range_of(const std::vector<TextCurve>& curves) {
  Range range;
  for (const TextCurve& curve : curves) {
    range.epochs = std::max(range.epochs, curve.values.size());
    for (const double value : curve.values) {
      if (!std::isfinite(value)) continue;
      range.low = std::min(range.low, value);
      range.high = std::max(range.high, value);
    }
  }
  if (range.high - range.low < 0.001) {  // a flat curve stands in the middle
    range.low -= 0.005;
    range.high += 0.005;
  }
  return range;
}

std::string pairs_text(const std::vector<std::vector<std::int64_t>>& confusion,
                       const std::vector<std::string>& names) {
  std::vector<std::tuple<std::int64_t, std::size_t, std::size_t>> pairs;
  for (std::size_t row = 0; row < confusion.size(); ++row) {
    for (std::size_t column = 0; column < confusion.size(); ++column) {
      if (row != column && confusion[row][column] > 0) {
        pairs.emplace_back(-confusion[row][column], row, column);
      }
    }
  }
  std::sort(pairs.begin(), pairs.end());
  if (pairs.size() > kPairs) pairs.resize(kPairs);
  std::string text = "most confused\n";
  for (const auto& [count, row, column] : pairs) {
    text += fmt::format("{:>6}  {} taken for {}\n", -count, printable(names[row]),
                        printable(names[column]));
  }
  return text;
}

}  // namespace

std::string curves_text(const std::string& title, const std::vector<TextCurve>& curves) {
  const Range range = range_of(curves);
  if (range.epochs == 0 || !std::isfinite(range.low)) return "";
  const int columns =
      int(std::min<std::size_t>(kChartColumns, std::max<std::size_t>(range.epochs, 2) * 4));
  std::vector<std::string> plane(kRows, std::string(std::size_t(columns), ' '));
  for (const TextCurve& curve : curves) {
    for (std::size_t epoch = 0; epoch < curve.values.size(); ++epoch) {
      if (!std::isfinite(curve.values[epoch])) continue;
      const double across = range.epochs > 1 ? double(epoch) / double(range.epochs - 1) : 0;
      const double up = (curve.values[epoch] - range.low) / (range.high - range.low);
      const auto row = std::size_t(std::lround((1 - up) * (kRows - 1)));
      plane[row][std::size_t(std::lround(across * (columns - 1)))] = curve.mark;
    }
  }
  std::string text = title + "\n";
  for (int row = 0; row < kRows; ++row) {
    const double value = range.high - (range.high - range.low) * row / (kRows - 1);
    std::string line = plane[std::size_t(row)];
    line.erase(line.find_last_not_of(' ') + 1);
    text += fmt::format("{:>7.1f} % |{}\n", 100 * value, line);
  }
  text += fmt::format("          +{}\n", std::string(std::size_t(columns), '-'));
  const std::string last = std::to_string(range.epochs);
  text += fmt::format("           1{:>{}}  epochs\n", range.epochs > 1 ? last : "", columns - 1);
  text += "          ";
  for (const TextCurve& curve : curves) text += fmt::format(" {} {}  ", curve.mark, curve.name);
  return text + "\n";
}

std::string confusion_text(const Console& console,
                           const std::vector<std::vector<std::int64_t>>& confusion,
                           const std::vector<std::string>& class_names) {
  if (confusion.size() > kLargestMatrix) return pairs_text(confusion, class_names);
  std::int64_t largest = 0;
  for (const auto& row : confusion) {
    for (const std::int64_t count : row) largest = std::max(largest, count);
  }
  const std::size_t cell = std::max<std::size_t>(3, std::to_string(largest).size()) + 1;
  std::string text = padded("true \\ predicted", kNameColumns + 4);
  for (std::size_t c = 0; c < confusion.size(); ++c) text += fmt::format("{:>{}}", c, cell);
  text += '\n';
  for (std::size_t row = 0; row < confusion.size(); ++row) {
    text += fmt::format("{:>3} {}", row, padded(printable(class_names[row]), kNameColumns));
    for (std::size_t column = 0; column < confusion.size(); ++column) {
      const std::int64_t count = confusion[row][column];
      const std::string number = count == 0 ? "." : std::to_string(count);
      const std::string aligned = fmt::format("{:>{}}", number, cell);
      text += row == column ? console.bold(aligned) : aligned;
    }
    text += '\n';
  }
  return text;
}

}  // namespace tailor::internal
