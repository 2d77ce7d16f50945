#include "tailor/report/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace tailor {
namespace {

constexpr double kMargin = 0.06;
constexpr double kLogRatio = 50;

double with_margin(double share) {
  return kMargin + (1 - 2 * kMargin) * share;
}

bool is_number(const Value& value) {
  return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

double number_of(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return double(*whole);
  return std::get<double>(value);
}

Axis category_axis(const std::vector<Value>& values) {
  std::set<std::string> names;
  for (const Value& value : values) names.insert(to_text(value));
  const auto place = [&](const std::string& name) {
    const auto index = std::distance(names.begin(), names.find(name));
    return (double(index) + 0.5) / double(names.size());
  };
  Axis axis;
  for (const Value& value : values) axis.positions.push_back(place(to_text(value)));
  for (const std::string& name : names) axis.ticks.push_back({place(name), name});
  return axis;
}

Axis log_axis(const std::vector<double>& numbers, double low, double high) {
  const auto place = [&](double x) {
    return with_margin(std::log(x / low) / std::log(high / low));
  };
  Axis axis;
  for (double x : numbers) axis.positions.push_back(place(x));
  for (int power = int(std::ceil(std::log10(low) - 1e-9)); std::pow(10, power) <= high * (1 + 1e-9);
       ++power) {
    const double x = std::pow(10, power);
    axis.ticks.push_back({place(x), fmt::format("{:g}", x)});
  }
  if (axis.ticks.size() < 2) {
    axis.ticks = {{place(low), fmt::format("{:.2g}", low)},
                  {place(high), fmt::format("{:.2g}", high)}};
  }
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
  const Limits limits = round_limits(numbers, -std::numeric_limits<double>::infinity(),
                                     std::numeric_limits<double>::infinity());
  for (double k = std::ceil(low / limits.step - 1e-9); k * limits.step <= high * (1 + 1e-12); ++k) {
    const double x = k * limits.step + 0.0;  // never -0
    axis.ticks.push_back({place(x), fmt::format("{:.{}f}", x, digits_for(limits.step))});
  }
  return axis;
}

}  // namespace

Axis make_axis(const std::vector<Value>& values) {
  if (!std::all_of(values.begin(), values.end(), is_number)) return category_axis(values);
  std::vector<double> numbers;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const Value& value : values) {
    numbers.push_back(number_of(value));
    low = std::min(low, numbers.back());
    high = std::max(high, numbers.back());
  }
  if (numbers.empty()) return {};
  if (low > 0 && high / low >= kLogRatio) return log_axis(numbers, low, high);
  return linear_axis(numbers, low, high);
}

Limits round_limits(const std::vector<double>& values, double floor, double ceiling) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) return {0, 1, 0.2};
  if (low == high) {
    const double half = low == 0 ? 0.5 : std::abs(low) * 0.05;
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

int digits_for(double step) {
  return std::clamp(int(std::ceil(-std::log10(step) - 1e-9)), 0, 9);
}

}  // namespace tailor
