#include "tailor/study/predictions_csv.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/csv.hpp"

namespace tailor::internal {

std::string predictions_csv(const Dataset& set, std::span<const float> probabilities) {
  const auto classes = set.class_names.size();
  Csv csv({"index", "label", "class", "predicted", "predicted_class", "probability",
           "label_probability"});
  for (std::size_t i = 0; i < set.size(); ++i) {
    const std::span<const float> row = probabilities.subspan(i * classes, classes);
    const auto best = std::size_t(std::max_element(row.begin(), row.end()) - row.begin());
    const std::size_t label = set.labels[i];
    csv.add({std::to_string(set.number_of(i)), std::to_string(label), set.class_names[label],
             std::to_string(best), set.class_names[best], fmt::format("{:.6f}", row[best]),
             fmt::format("{:.6f}", row[label])});
  }
  return csv.text();
}

}  // namespace tailor::internal
