// A folder TensorBoard's embedding projector opens (tensorboard --logdir FOLDER, then Projector):
// vectors.tsv, metadata.tsv, sprite.png and projector_config.pbtxt, whose paths are relative.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/shape.hpp"

namespace tailor::internal {

struct ProjectorData {
  std::string name;  // of the tensor
  std::size_t points = 0;
  int columns = 0;
  std::span<const float> vectors;                  // points x columns
  std::vector<std::string> metadata_columns;       // "label", "index", "predicted"
  std::vector<std::vector<std::string>> metadata;  // one row per point
  std::span<const std::uint8_t> images;            // points x height x width x channels
  Shape shape;                                     // 1 or 3 channels
};

// Writes the folder (made where missing), the configuration last. Tabs and line ends in texts
// become spaces. A header stands above the metadata only when they have more than one column, as
// the projector wants it. The sprite is square, as it wants too: a square grid of square cells with
// the images in their middle, halved in size until it fits 8192 pixels, its limit. The projector
// itself shows the first 100,000 points. Throws bad_input for sizes that do not fit each other,
// failure when the folder cannot be written.
void write_projector(const std::filesystem::path& folder, const ProjectorData& data);

}  // namespace tailor::internal
