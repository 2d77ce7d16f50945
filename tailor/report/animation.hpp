// The way of an embedding as a picture that moves, and its end as one that does not: a square of
// coloured points on white with a legend and a line that says what it is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tailor/embed/records.hpp"
#include "tailor/formats/image.hpp"

namespace tailor {

struct AnimationOptions {
  int size = 720;         // of the square in pixels; the legend stands beside it
  std::string title;      // "Fashion-MNIST, 70,000 images, raw pixels"
  std::size_t limit_bytes = 15'000'000;
};

// GIF: from the first frame through all to the last, which stands a while. Where it would exceed the
// limit, frames are left out evenly. 3-D maps turn slowly about their vertical axis.
std::vector<std::uint8_t> animated_map(const Embedding& map, std::span<const std::uint8_t> labels,
                                       const std::vector<std::string>& class_names,
                                       const AnimationOptions& options);

// The last frame, `scale` times as large; RGB.
Image still_map(const Embedding& map, std::span<const std::uint8_t> labels,
                const std::vector<std::string>& class_names, const AnimationOptions& options,
                int scale = 2);

}  // namespace tailor
