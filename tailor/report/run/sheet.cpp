#include "tailor/report/run/sheet.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/report/parts/html.hpp"
#include "tailor/report/run/gallery.hpp"

namespace tailor::internal {
namespace {

constexpr int kTilePixels = 64;
constexpr int kColumns = 40;
constexpr std::size_t kPngLimit = 1 << 20;

// Copies `tile` into the sheet with its upper left corner there, gray spread to three channels
// where the sheet has them.
void paste(const Image& tile, int top, int left, int height, int width, Image& sheet) {
  for (int y = 0; y < std::min(height, tile.height); ++y) {
    for (int x = 0; x < std::min(width, tile.width); ++x) {
      for (int c = 0; c < sheet.channels; ++c) {
        const std::size_t to =
            (std::size_t(top + y) * std::size_t(sheet.width) + std::size_t(left + x)) *
                std::size_t(sheet.channels) +
            std::size_t(c);
        const std::size_t from = (std::size_t(y) * std::size_t(tile.width) + std::size_t(x)) *
                                     std::size_t(tile.channels) +
                                 std::size_t(std::min(c, tile.channels - 1));
        sheet.pixels[to] = tile.pixels[from];
      }
    }
  }
}

}  // namespace

Sheet::Sheet(std::string id, std::span<const Pictured* const> pictures) : id_(std::move(id)) {
  std::vector<Image> tiles;
  for (const Pictured* picture : pictures) {
    tiles.push_back(thumbnail(picture->image, kTilePixels));
    sheet_.channels = std::max(sheet_.channels, tiles.back().channels);
  }
  if (tiles.empty()) return;
  height_ = tiles.front().height;
  width_ = tiles.front().width;
  const int columns = std::min(kColumns, int(tiles.size()));
  sheet_.width = columns * width_;
  sheet_.height = (int(tiles.size()) + columns - 1) / columns * height_;
  sheet_.pixels.resize(std::size_t(sheet_.width) * std::size_t(sheet_.height) *
                       std::size_t(sheet_.channels));
  for (int n = 0; n < int(tiles.size()); ++n) {
    paste(tiles[std::size_t(n)], n / columns * height_, n % columns * width_, height_, width_,
          sheet_);
  }
}

std::string Sheet::html() const {
  if (sheet_.pixels.empty()) return "";
  return fmt::format(
      "<svg class=\"sheet\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs><image id=\"{}\" "
      "width=\"{}\" height=\"{}\" href=\"{}\"/></defs></svg>\n",
      id_, sheet_.width, sheet_.height, image_uri(sheet_, kPngLimit));
}

std::string Sheet::tile(std::size_t n, std::string_view alternative) const {
  const int columns = sheet_.width / width_;
  return fmt::format(
      "<svg class=\"tile\" viewBox=\"{} {} {} {}\" role=\"img\" aria-label=\"{}\"><use "
      "href=\"#{}\"/></svg>",
      int(n) % columns * width_, int(n) / columns * height_, width_, height_, escape(alternative),
      id_);
}

}  // namespace tailor::internal
