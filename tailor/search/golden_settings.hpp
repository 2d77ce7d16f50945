// For tests: spaces and settings as the scripts in tools/golden write them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tailor/core/json.hpp"
#include "tailor/search/space.hpp"

namespace tailor::internal {

inline Value value_of(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  return json.get<std::string>();
}

inline Dimension dimension_of(const std::string& path, const Json& source) {
  if (source.is_array()) {
    Choices choices;
    for (const Json& value : source) choices.push_back(value_of(value));
    return {path, choices};
  }
  const std::string kind = source.begin().key();
  const Json& arguments = source.begin().value();
  if (kind == "uniform") return {path, UniformRange{arguments[0], arguments[1]}};
  if (kind == "loguniform") return {path, LogUniformRange{arguments[0], arguments[1]}};
  return {path, IntegerRange{arguments[0], arguments[1]}};
}

inline std::vector<Space> spaces_of(const Json& json) {
  std::vector<Space> spaces;
  for (const Json& space : json) {
    spaces.emplace_back();
    for (const auto& [path, source] : space.items()) {
      spaces.back().push_back(dimension_of(path, source));
    }
  }
  return spaces;
}

inline Settings settings_of(const Json& json) {
  Settings settings;
  for (const auto& [path, value] : json.items()) settings[path] = value_of(value);
  return settings;
}

inline std::vector<Settings> candidates_of(const Json& json) {
  std::vector<Settings> candidates;
  for (const Json& one : json) candidates.push_back(settings_of(one));
  return candidates;
}

}  // namespace tailor::internal
