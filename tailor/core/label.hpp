// The number of a class.
#pragma once

#include <cstdint>

namespace tailor {

using Label = std::uint16_t;  // up to 1,000 classes (core/limits.hpp)

}  // namespace tailor
