// An image seen in several ways, whose logits are averaged before the softmax: cifar10-airbench's
// test-time augmentation (Jordan, 2024).
#pragma once

#include <cstdint>
#include <span>

#include "tailor/core/shape.hpp"

namespace tailor::internal {

// 1: the image. 2: and as in a mirror. 6: and both moved by a pixel up and left, and down and
// right, with an edge as in a mirror; the four count half as much as the two. Throws bad_input,
// which begins with the option's path, for other numbers.
void check_views(int views);

// How much view `view` counts; 1 in all.
double share_of_view(int views, int view);

// View `view`, from 0, of an image into shape.size() bytes. `room` holds as many.
void see(const Shape& shape, int view, const std::uint8_t* image, std::span<std::uint8_t> room,
         std::span<std::uint8_t> out);

}  // namespace tailor::internal
