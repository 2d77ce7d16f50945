#include "tailor/report/charts/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "tailor/report/parts/statistics.hpp"

namespace tailor::internal {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kMargin = 0.06;
constexpr std::size_t kMostOwnTicks = 7;
constexpr std::size_t kShortNumber = 6;  // characters
constexpr double kLeastLogRatio = 5;
constexpr double kTieLogRatio = 50;  // from here two values alone stand on a logarithmic axis

double with_margin(double share) {
  return kMargin + (1 - 2 * kMargin) * share;
}

bool is_number(const Value& value) {
  return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

// Numbers by size, then the rest by text.
Axis category_axis(const std::vector<Value>& values) {
  const auto key = [](const Value& value) {
    const double number = is_number(value) ? number_of(value) : kInfinity;
    return std::pair(number, to_text(value));
  };
  std::set<std::pair<double, std::string>> names;
  for (const Value& value : values) names.insert(key(value));
  const auto place = [&](const auto& name) {
    const auto index = std::distance(names.begin(), names.find(name));
    return (double(index) + 0.5) / double(names.size());
  };
  Axis axis;
  for (const Value& value : values) axis.positions.push_back(place(key(value)));
  for (const auto& name : names) axis.ticks.push_back({place(name), name.second});
  return axis;
}

// Powers of ten where there are two or more; 1, 2 and 5 times those where there are few; the ends
// where even that is too coarse.
template <class Place>
std::vector<Tick> log_ticks(double low, double high, const Place& place) {
  std::vector<Tick> powers, finer;
  const int last = int(std::floor(std::log10(high) + 1e-9));
  for (int power = int(std::floor(std::log10(low))); power <= last; ++power) {
    for (const int lead : {1, 2, 5}) {
      const double x = lead * std::pow(10, power);
      if (x < low * (1 - 1e-9) || x > high * (1 + 1e-9)) continue;
      finer.push_back({place(x), fmt::format("{:g}", x)});
      if (lead == 1) powers.push_back(finer.back());
    }
  }
  if (powers.size() >= 3) return powers;
  if (finer.size() >= 2) return finer;
  return {{place(low), fmt::format("{:.2g}", low)}, {place(high), fmt::format("{:.2g}", high)}};
}

// The distinct values as ticks; none where they are many or long, as drawn from a range.
template <class Place>
std::vector<Tick> own_ticks(const std::vector<double>& numbers, const Place& place) {
  const std::set<double> distinct(numbers.begin(), numbers.end());
  std::vector<Tick> ticks;
  if (distinct.size() > kMostOwnTicks) return ticks;
  for (double x : distinct) {
    ticks.push_back({place(x), fmt::format("{}", x)});
    if (ticks.back().text.size() > kShortNumber) return {};
  }
  return ticks;
}

Axis log_axis(const std::vector<double>& numbers, double low, double high) {
  const auto place = [&](double x) {
    return with_margin(std::log(x / low) / std::log(high / low));
  };
  Axis axis;
  for (double x : numbers) axis.positions.push_back(place(x));
  axis.ticks = own_ticks(numbers, place);
  if (axis.ticks.empty()) axis.ticks = log_ticks(low, high, place);
  return axis;
}

Axis linear_axis(const std::vector<double>& numbers, double low, double high) {
  const auto place = [&](double x) {
    return high > low ? with_margin((x - low) / (high - low)) : 0.5;
  };
  Axis axis;
  for (double x : numbers) axis.positions.push_back(place(x));
  if (high <= low) {
    axis.ticks.push_back({0.5, fmt::format("{:g}", low)});
    return axis;
  }
  axis.ticks = own_ticks(numbers, place);
  if (!axis.ticks.empty()) return axis;
  const Limits limits = round_limits(numbers, -kInfinity, kInfinity);
  for (const double x : multiples_within(low, high, limits.step)) {
    axis.ticks.push_back({place(x), fmt::format("{:.{}f}", x, digits_for(limits.step))});
  }
  return axis;
}

double median_of(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  const std::size_t half = numbers.size() / 2;
  return numbers.size() % 2 ? numbers[half] : (numbers[half - 1] + numbers[half]) / 2;
}

// How far the median is from the middle of the range, as a share of it.
double lopsidedness(const std::vector<double>& numbers, double low, double high) {
  return std::abs((median_of(numbers) - low) / (high - low) - 0.5);
}

bool reads_better_logarithmic(const std::vector<double>& numbers, double low, double high) {
  if (low <= 0 || high / low < kLeastLogRatio) return false;
  std::vector<double> logs;
  for (double number : numbers) logs.push_back(std::log(number));
  const double plain = lopsidedness(numbers, low, high);
  const double by_logs = lopsidedness(logs, std::log(low), std::log(high));
  const bool tie = std::abs(plain - by_logs) < 1e-9;
  return tie ? high / low >= kTieLogRatio : by_logs < plain;
}

}  // namespace

Axis make_axis(const std::vector<Value>& values) {
  if (!std::all_of(values.begin(), values.end(), is_number)) return category_axis(values);
  std::vector<double> numbers;
  double low = kInfinity;
  double high = -low;
  for (const Value& value : values) {
    numbers.push_back(number_of(value));
    low = std::min(low, numbers.back());
    high = std::max(high, numbers.back());
  }
  if (numbers.empty()) return {};
  if (reads_better_logarithmic(numbers, low, high)) return log_axis(numbers, low, high);
  return linear_axis(numbers, low, high);
}

Limits round_limits(const std::vector<double>& values, double floor, double ceiling, double least) {
  double low = kInfinity;
  double high = -low;
  for (double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) return {0, 1, 0.2};
  if (low == high && least == 0) least = low == 0 ? 1 : std::abs(low) * 0.1;
  if (high - low < least) {
    const double half = (least - (high - low)) / 2;
    low -= half;
    high += half;
  }
  const double rough = (high - low) / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double lead = rough / power;
  const double step = power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
  return {std::max(floor, std::floor(low / step + 1e-9) * step),
          std::min(ceiling, std::ceil(high / step - 1e-9) * step), step};
}

std::vector<double> multiples_within(double low, double high, double step) {
  constexpr double kMost = 100;
  const double first = std::ceil(low / step - 1e-6), last = std::floor(high / step + 1e-6);
  std::vector<double> multiples;
  if (!(last - first < kMost)) return multiples;
  for (int i = 0; i <= int(last - first); ++i) {
    multiples.push_back((first + i) * step + 0.0);  // never -0
  }
  return multiples;
}

int digits_for(double step) {
  return std::clamp(int(std::ceil(-std::log10(step) - 1e-9)), 0, 9);
}

}  // namespace tailor::internal
