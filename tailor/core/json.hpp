// The JSON type everybody uses, declared only: include <nlohmann/json.hpp> in the .cpp that builds
// one.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace tailor::internal {

using Json = nlohmann::ordered_json;  // keys print in the order they were put in

}  // namespace tailor::internal
