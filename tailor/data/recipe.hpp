// What the net sees of a picture: one recipe, carried out by training, evaluation, prediction,
// pages and exports alike. A model keeps it: the size and the channels are those of its input, the
// rest stands in its experiment's [image].
#pragma once

#include <cstdint>
#include <string>

#include "tailor/core/shape.hpp"
#include "tailor/data/resample.hpp"
#include "tailor/formats/image.hpp"

namespace tailor::internal {

// How a picture of other proportions gets into the size: as a whole with background around it
// (Pillow's ImageOps.pad), its middle (ImageOps.fit), or out of proportion (Image.resize).
enum class Fit { kPad, kCrop, kStretch };

struct Recipe {
  Shape shape;  // of what comes out
  Fit fit = Fit::kPad;
  Filter filter = Filter::kBilinear;
  Colour background = kWhiteColour;  // behind what is transparent, and around
  bool upright = true;               // turned as EXIF says

  bool operator==(const Recipe&) const = default;
};

// Converts `image` to the recipe's channels and resizes it. Both images' memory is used again.
void prepare(const Recipe& recipe, Image& image, Image& out);

// What comes out of a file with these bytes. Throws as decode_picture() does.
Image prepared(const Recipe& recipe, std::span<const std::uint8_t> bytes,
               const std::string& source);

// The box that Fit::kCrop takes of a picture, as ImageOps.fit computes it.
SourceBox middle_of(int height, int width, const Shape& shape);

// Height and width of a whole picture that has to fit into `shape`, as ImageOps.contain computes
// them, but at least 1.
ImageSize contained(int height, int width, const Shape& shape);

}  // namespace tailor::internal
