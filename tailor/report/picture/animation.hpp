// The way of an embedding as a picture that moves, and its end as one that does not: a square of
// coloured points on white with a legend and a line that says what it is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/embed/records.hpp"
#include "tailor/formats/image.hpp"

namespace tailor::internal {

struct AnimationOptions {
  int size = 720;     // of the square in pixels, 64 to 4,096; the legend stands beside it
  std::string title;  // "Fashion-MNIST, 70,000 images, raw pixels"
  std::size_t limit_bytes = 15'000'000;
};

// GIF: from the first frame to the last, which stands a while with the number of each class on its
// points. What is shown in between is spaced by how far the points move, not by steps: t-SNE rushes
// and rests. Where it would exceed the limit, frames are left out evenly, all but the first and the
// last. 3-D maps turn once about their vertical axis. The same bytes every time. Throws bad_input
// for labels that do not fit the map or the names, and for sizes out of range.
std::vector<std::uint8_t> animated_map(const Embedding& map, std::span<const Label> labels,
                                       const std::vector<std::string>& class_names,
                                       const AnimationOptions& options);

// The last frame, `scale` (1 to 4) times as large; RGB. Throws as animated_map does.
Image still_map(const Embedding& map, std::span<const Label> labels,
                const std::vector<std::string>& class_names, const AnimationOptions& options,
                int scale = 2);

}  // namespace tailor::internal
