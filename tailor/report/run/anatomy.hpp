// What the layers hold and what they make of one image.
#pragma once

#include <string>
#include <vector>

#include "tailor/report/run/report.hpp"

namespace tailor::internal {

// The first layer's kernels as a grid: orange negative, blue positive, white 0, one scale for all.
// With several input channels the kernels of a filter stand in a row. "" without values.
std::string kernels_html(const FeatureMaps& kernels, int input_channels);

// Up to 32 maps of one layer, dark to light from the layer's least to its greatest value (the
// greatest 0.1 % are cut off, so that a single spike does not darken the rest). "" without values.
std::string maps_html(const FeatureMaps& maps);

// The image with its probabilities, the kernels, then the maps of every layer.
std::string anatomy_html(const Anatomy& anatomy, const std::vector<std::string>& class_names);

}  // namespace tailor::internal
