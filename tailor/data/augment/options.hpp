// How a training image is changed each time it is seen: [augment].
#pragma once

#include <string>

#include "tailor/core/fields.hpp"

namespace tailor::internal {

struct AugmentOptions {
  std::string flip = "none";  // none | random | alternating: left and right change places
  int translate = 0;          // pixels at most, up or down and to either side
  double crop = 1;            // least share of the area that is cut out and made whole again
  double rotate = 0;          // degrees at most, either way
  double zoom = 0;            // times 1 - zoom to 1 + zoom
  std::string fill = "zero";  // zero | edge | reflect: what comes in from outside
  double brightness = 0;      // times 1 - brightness to 1 + brightness; so the next two
  double contrast = 0;
  double saturation = 0;  // of colours
  double hue = 0;         // of colours: share of the circle at most, either way
  int cutout = 0;         // side of a square of zeros, which may hang over the edge
  double erase = 0;       // how likely a rectangle of zeros is
  double mixup = 0;       // alpha of the share that is another image, 0 = none
  double cutmix = 0;      // alpha of the share that a rectangle of another image takes

  bool operator==(const AugmentOptions&) const = default;
};

FieldList fields_of(AugmentOptions& options);

// True where they change anything.
bool augments(const AugmentOptions& options);
// True where images are mixed, so that labels have shares.
bool mixes(const AugmentOptions& options);

}  // namespace tailor::internal
