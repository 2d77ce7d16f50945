// The number of a class, and shares of two.
#pragma once

#include <cstdint>

namespace tailor {

using Label = std::uint16_t;  // up to 1,000 classes (core/limits.hpp)

namespace internal {

// What an image's target is where it was mixed with another one: `share` of its own label, the rest
// of `other`.
struct MixedLabel {
  Label other = 0;
  float share = 1;
};

}  // namespace internal
}  // namespace tailor
