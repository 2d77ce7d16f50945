// One scalar setting: what a search space draws, what an option holds, what a table prints.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "tailor/core/api.hpp"

namespace tailor {

using Value = std::variant<bool, std::int64_t, double, std::string>;

// Settings by dotted path ("model.dropout" -> 0.4), ordered by path.
using Settings = std::map<std::string, Value>;

// Plain text as a person types it: true, 32, 0.4 (shortest text that reads back equal), relu.
TAILOR_API std::string to_text(const Value& value);

// As Python's repr prints it: True, 32, 0.4, 1e-05, 'relu'. scikit-learn's `params` column holds
// these.
TAILOR_API std::string to_python(const Value& value);
TAILOR_API std::string to_python(const Settings& settings);  // {'model.dropout': 0.4}

}  // namespace tailor

// Beside the overloads for other types.
namespace tailor::internal {
using tailor::to_python;
using tailor::to_text;
}  // namespace tailor::internal
