// Horizontal bars with their names before and their values behind them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tailor::internal {

struct Bar {
  std::string name;  // plain text
  double value = 0;  // >= 0; the longest fills the width
  std::string text;  // the value as it is read
  std::string style = "bar";
  std::string attributes = "";  // markup of ours inside <rect>
};

// "" without bars or where none is longer than 0. The description is followed by all values.
std::string bar_chart(std::string_view id, std::string_view title, std::string_view description,
                      const std::vector<Bar>& bars);

}  // namespace tailor::internal
