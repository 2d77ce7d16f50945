#include "tailor/formats/projector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/formats/image.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kLargestSprite = 8192;

void check(const ProjectorData& data) {
  const std::size_t values = data.points * std::size_t(std::max(0, data.columns));
  if (data.points == 0 || values == 0 || data.vectors.size() != values) {
    throw bad_input(fmt::format("a projector of {} points with {} columns cannot hold {} values",
                                data.points, data.columns, data.vectors.size()));
  }
  if (data.metadata_columns.empty() || data.metadata.size() != data.points ||
      std::any_of(data.metadata.begin(), data.metadata.end(),
                  [&](const auto& row) { return row.size() != data.metadata_columns.size(); })) {
    throw bad_input(fmt::format(
        "a projector needs {} rows of metadata, each with a text per column", data.points));
  }
  if ((data.shape.channels != 1 && data.shape.channels != 3) || data.shape.size() == 0 ||
      data.images.size() != data.points * data.shape.size()) {
    throw bad_input(fmt::format("a projector of {} images of {} cannot hold {} bytes of them",
                                data.points, to_string(data.shape), data.images.size()));
  }
}

std::string vectors_of(const ProjectorData& data) {
  fmt::memory_buffer out;
  const std::size_t columns = std::size_t(data.columns);
  for (std::size_t i = 0; i < data.vectors.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "{}{}", data.vectors[i],
                   (i + 1) % columns == 0 ? '\n' : '\t');
  }
  return fmt::to_string(out);
}

// An empty line would end a single column too early: it becomes a space.
void append_row(std::string& out, const std::vector<std::string>& texts) {
  for (std::size_t c = 0; c < texts.size(); ++c) {
    if (c > 0) out += '\t';
    if (texts[c].empty()) out += ' ';
    for (const char letter : texts[c]) {
      out += letter == '\t' || letter == '\n' || letter == '\r' ? ' ' : letter;
    }
  }
  out += '\n';
}

std::string metadata_of(const ProjectorData& data) {
  std::string out;
  if (data.metadata_columns.size() > 1) append_row(out, data.metadata_columns);
  for (const auto& row : data.metadata) append_row(out, row);
  return out;
}

// Means of 2 x 2 pixels, of what there is of them at an odd edge.
Image halved(const Image& image) {
  Image out{(image.height + 1) / 2, (image.width + 1) / 2, image.channels, {}};
  const auto at = [&](int y, int x, int c) {
    return image.pixels[(std::size_t(y) * std::size_t(image.width) + std::size_t(x)) *
                            std::size_t(image.channels) +
                        std::size_t(c)];
  };
  for (int y = 0; y < image.height; y += 2) {
    for (int x = 0; x < image.width; x += 2) {
      const int below = std::min(y + 1, image.height - 1), right = std::min(x + 1, image.width - 1);
      for (int c = 0; c < image.channels; ++c) {
        const int sum = at(y, x, c) + at(y, right, c) + at(below, x, c) + at(below, right, c);
        out.pixels.push_back(std::uint8_t((sum + 2) / 4));
      }
    }
  }
  return out;
}

void paste(Image& sprite, const Image& image, std::size_t top, std::size_t left) {
  const std::size_t channels = std::size_t(image.channels);
  const std::size_t length = std::size_t(image.width) * channels;
  for (std::size_t y = 0; y < std::size_t(image.height); ++y) {
    const std::size_t to = ((top + y) * std::size_t(sprite.width) + left) * channels;
    std::copy_n(image.pixels.data() + y * length, length, sprite.pixels.data() + to);
  }
}

struct Grid {
  std::size_t across = 1;  // cells, and as many down
  std::size_t cell = 1;    // pixels
  int halvings = 0;        // of each image, to fit its cell
};

Grid grid_of(const ProjectorData& data) {
  Grid grid;
  while (grid.across * grid.across < data.points) ++grid.across;
  grid.cell = std::size_t(std::max(data.shape.height, data.shape.width));
  for (; grid.across * grid.cell > kLargestSprite; ++grid.halvings) {
    if (grid.cell == 1) {
      throw bad_input(fmt::format("{} images do not fit a projector's sprite", data.points));
    }
    grid.cell = (grid.cell + 1) / 2;
  }
  return grid;
}

Image sprite_of(const ProjectorData& data, const Grid& grid) {
  const std::size_t side = grid.across * grid.cell;
  Image sprite{int(side), int(side), data.shape.channels, {}};
  sprite.pixels.resize(side * side * std::size_t(data.shape.channels));
  for (std::size_t i = 0; i < data.points; ++i) {
    const auto bytes = data.images.subspan(i * data.shape.size(), data.shape.size());
    Image image{
        data.shape.height, data.shape.width, data.shape.channels, {bytes.begin(), bytes.end()}};
    for (int k = 0; k < grid.halvings; ++k) image = halved(image);
    paste(sprite, image, i / grid.across * grid.cell + (grid.cell - std::size_t(image.height)) / 2,
          i % grid.across * grid.cell + (grid.cell - std::size_t(image.width)) / 2);
  }
  return sprite;
}

// A string of protobuf's text format.
std::string text_format(std::string_view text) {
  std::string out = "\"";
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      out += '\\', out += letter;
    } else if (code < 0x20 || code == 0x7f) {
      out += ' ';
    } else {
      out += letter;
    }
  }
  return out + '"';
}

std::string config_of(const ProjectorData& data, const Grid& grid) {
  return fmt::format(
      "embeddings {{\n"
      "  tensor_name: {}\n"
      "  tensor_shape: {}\n"
      "  tensor_shape: {}\n"
      "  tensor_path: \"vectors.tsv\"\n"
      "  metadata_path: \"metadata.tsv\"\n"
      "  sprite {{\n"
      "    image_path: \"sprite.png\"\n"
      "    single_image_dim: {}\n"
      "    single_image_dim: {}\n"
      "  }}\n"
      "}}\n",
      text_format(data.name), data.points, data.columns, grid.cell, grid.cell);
}

}  // namespace

void write_projector(const std::filesystem::path& folder, const ProjectorData& data) {
  check(data);
  const Grid grid = grid_of(data);
  make_folder(folder);
  remove_leftovers(folder);  // whoever calls holds the lock of the folder above
  write_file_atomic(folder / "vectors.tsv", vectors_of(data));
  write_file_atomic(folder / "metadata.tsv", metadata_of(data));
  write_file_atomic(folder / "sprite.png", encode_png(sprite_of(data, grid)));
  write_file_atomic(folder / "projector_config.pbtxt", config_of(data, grid));
}

}  // namespace tailor::internal
