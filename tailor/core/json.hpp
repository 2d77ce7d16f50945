// The JSON type everybody builds, declared only: include <nlohmann/json.hpp> in the .cpp that
// builds one. What is read goes through core/json_reader.hpp.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace tailor::internal {

using Json = nlohmann::ordered_json;  // keys print in the order they were put in

// The only way from JSON to text. It never throws: what is no UTF-8 becomes U+FFFD. Characters that
// steer a terminal are written as escapes, which mean the same (text.hpp). `indent` as dump() takes
// it, -1 = all on one line.
std::string json_text(const Json& json, int indent = -1);

}  // namespace tailor::internal
