// A folder TensorBoard's embedding projector opens: vectors.tsv, metadata.tsv, sprite.png and
// projector_config.pbtxt, whose paths are relative.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/shape.hpp"

namespace tailor {

struct ProjectorData {
  std::string name;                // of the tensor
  std::size_t points = 0;
  int columns = 0;
  std::span<const float> vectors;  // points x columns
  std::vector<std::string> metadata_columns;            // "label", "index", "predicted"
  std::vector<std::vector<std::string>> metadata;       // one row per point
  std::span<const std::uint8_t> images;                 // points x height x width x channels
  Shape shape;
};

// Writes the folder (made where missing). Tabs and line ends in texts become spaces. The sprite is
// a square grid, as the projector wants it, and its images are halved in size until it fits 8192
// pixels, its limit. Throws failure when the folder cannot be written.
void write_projector(const std::filesystem::path& folder, const ProjectorData& data);

}  // namespace tailor
