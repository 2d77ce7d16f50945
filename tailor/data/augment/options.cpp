#include "tailor/data/augment/options.hpp"

namespace tailor::internal {

FieldList fields_of(AugmentOptions& options) {
  constexpr double kMostAlpha = 2;  // above, drawing the share would take too many tries
  FieldList list;
  list.push_back(
      {"flip", &options.flip, "left and right change places: at random, or in every other epoch"});
  list.back().choices = {"none", "random", "alternating"};
  list.push_back(
      {"translate", &options.translate, "pixels at most, up or down and to either side", 0, 4096});
  list.push_back({"crop", &options.crop,
                  "least share of the area that is cut out and made whole again, 1 = none", 0.01,
                  1});
  list.push_back({"rotate", &options.rotate, "degrees at most, either way", 0, 180});
  list.push_back({"zoom", &options.zoom, "times 1 - zoom to 1 + zoom", 0, 0.9});
  list.push_back({"fill", &options.fill,
                  "translate, rotate, zoom: what comes in from outside: 0, the nearest pixel, or "
                  "the image as in a mirror"});
  list.back().choices = {"zero", "edge", "reflect"};
  list.push_back(
      {"brightness", &options.brightness, "times 1 - brightness to 1 + brightness", 0, 1});
  list.push_back(
      {"contrast", &options.contrast, "the same of the distance from the mean gray", 0, 1});
  list.push_back(
      {"saturation", &options.saturation, "the same of colours' distance from gray", 0, 1});
  list.push_back(
      {"hue", &options.hue, "of colours: share of the circle at most, either way", 0, 0.5});
  list.push_back({"cutout", &options.cutout,
                  "side in pixels of a square of zeros about some pixel, 0 = none", 0, 4096});
  list.push_back({"erase", &options.erase,
                  "how likely a rectangle of zeros is, of 2 to 33 % of the area", 0, 1});
  list.push_back({"mixup", &options.mixup,
                  "alpha of the share that is the next image of the batch, 0 = none", 0,
                  kMostAlpha});
  list.push_back({"cutmix", &options.cutmix,
                  "alpha of the share that a rectangle of the next image takes, 0 = none", 0,
                  kMostAlpha});
  for (Field& field : list) field.quiet = true;
  return list;
}

bool mixes(const AugmentOptions& options) {
  return options.mixup > 0 || options.cutmix > 0;
}

bool augments(const AugmentOptions& options) {
  AugmentOptions nothing;
  nothing.fill = options.fill;
  return options != nothing;
}

}  // namespace tailor::internal
