// What augmentation does to the pixels of one image, where what is drawn is given. An image is
// height x width x channels bytes, row by row, colours side by side.
//
// Names and meaning are torchvision's (transforms.functional) and equal to it to the byte, but for
// the rounding of turn_and_zoom() and adjust_hue(); transforms_test.cpp has its numbers.
#pragma once

#include "tailor/core/image_moves.hpp"
#include "tailor/core/shape.hpp"

namespace tailor::internal {

// Empty where it has no pixels.
struct Rectangle {
  int top = 0, left = 0, height = 0, width = 0;

  bool empty() const { return height <= 0 || width <= 0; }
  bool operator==(const Rectangle&) const = default;
};

// resized_crop of a Pillow image, bilinear: `part` becomes the whole.
void crop_and_resize(const Shape& shape, ImageBytes in, const Rectangle& part, ImageRoom out);

// affine, bilinear, about the middle: clockwise, and as many times as large. With zeros outside as
// with fill = None; a fill of 0 darkens torchvision's edge twice.
void turn_and_zoom(const Shape& shape, ImageBytes in, double degrees, double scale, Fill fill,
                   ImageRoom out);

// erase with 0; what hangs over the edge is left out.
void blank(const Shape& shape, const Rectangle& part, ImageRoom image);

// A factor of 1 changes nothing. Saturation and hue (a share of the circle, -0.5 to 0.5) are of
// colours, and leave gray images as they are.
void adjust_brightness(double factor, ImageRoom image);
void adjust_contrast(const Shape& shape, double factor, ImageRoom image);
void adjust_saturation(const Shape& shape, double factor, ImageRoom image);
void adjust_hue(const Shape& shape, double turn, ImageRoom image);

// Mixup: `share` of the image and the rest of `other`, rounded.
void blend(double share, ImageBytes other, ImageRoom image);

// CutMix: `part` of the image is `other`'s.
void paste(const Shape& shape, const Rectangle& part, ImageBytes other, ImageRoom image);

}  // namespace tailor::internal
