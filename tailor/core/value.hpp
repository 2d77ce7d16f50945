// One scalar setting: what a search space draws, what an option holds, what a table prints.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

namespace tailor {

using Value = std::variant<bool, std::int64_t, double, std::string>;

// Settings by dotted path ("model.dropout" -> 0.4), ordered by path.
using Settings = std::map<std::string, Value>;

// Plain text as a person types it: true, 32, 0.4 (shortest text that reads back equal), relu.
std::string to_text(const Value& value);

// As Python's repr prints it: True, 32, 0.4, 1e-05, 'relu'. scikit-learn's `params` column holds
// these.
std::string to_python(const Value& value);
std::string to_python(const Settings& settings);  // {'model.dropout': 0.4, 'model.kernels': 32}

}  // namespace tailor
