#include "tailor/train/class_weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tailor/core/error.hpp"
#include "tailor/core/fields.hpp"
#include "tailor/core/text.hpp"
#include "tailor/core/toml.hpp"

namespace tailor::internal {
namespace {

constexpr const char* kOption = "train.class_weight";

// The table that `text` is, without its entries looked at.
TomlNode parsed(const std::string& text) {
  try {
    TomlNode root = parse_toml("table = " + text, kOption);
    if (const TomlNode* table = root.find("table"); table != nullptr && table->table() != nullptr) {
      return *table;
    }
  } catch (const Error&) {
    // told below, without a line of what is no file
  }
  throw bad_input(
      fmt::format("{} takes none, balanced or a table of classes and how much they count, as in "
                  "{{\"Shirt\" = 2.0}}, not {}",
                  kOption, excerpt(text)));
}

double factor_of(const TomlNode::Entry& entry) {
  const double factor = entry.node.is_number() ? entry.node.number() : -1;
  if (factor >= 0 && factor <= kMostFloat) return factor;
  throw bad_input(fmt::format("{}: how much {} counts must be a number from 0 on", kOption,
                              excerpt(entry.key)));
}

// By name, or by number where no class has that name.
std::size_t class_of(const std::string& key, const Dataset& set) {
  const auto& names = set.class_names;
  const auto found = std::ranges::find(names, key);
  if (found != names.end()) return std::size_t(found - names.begin());
  for (std::size_t k = 0; k < std::size_t(set.classes()); ++k) {
    if (key == std::to_string(k)) return k;
  }
  const std::string nearest = nearest_name(key, names);
  throw bad_input(fmt::format("{}: the images have no class {}{}", kOption, excerpt(key),
                              nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest)));
}

std::vector<double> balanced(const Rows& rows) {
  std::vector<double> counts(std::size_t(rows.set->classes()));
  for (const Label label : labels_of(rows)) ++counts[label];
  const auto present = double(std::ranges::count_if(counts, [](double n) { return n > 0; }));
  for (double& n : counts) n = n > 0 ? double(rows.size()) / (present * n) : 1;
  return counts;
}

}  // namespace

std::vector<double> class_weights(const std::string& text, const Rows& rows) {
  if (text == "none") return {};
  if (text == "balanced") return balanced(rows);
  std::vector<double> weights(std::size_t(rows.set->classes()), 1);
  const TomlNode table = parsed(text);
  std::set<std::size_t> named;
  for (const auto& entry : *table.table()) {
    const std::size_t label = class_of(entry.key, *rows.set);
    if (!named.insert(label).second) {
      throw bad_input(fmt::format("{}: {} names a class a second time", kOption, entry.key));
    }
    weights[label] = factor_of(entry);
  }
  if (std::ranges::none_of(labels_of(rows), [&](Label label) { return weights[label] > 0; })) {
    throw bad_input(fmt::format("{}: no image counts, so there is nothing to learn", kOption));
  }
  return weights;
}

void check_class_weight(const std::string& text) {
  if (text == "none" || text == "balanced") return;
  const TomlNode table = parsed(text);
  for (const auto& entry : *table.table()) factor_of(entry);
}

}  // namespace tailor::internal
