#include <fmt/format.h>
#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "tailor/core/error.hpp"
#include "tailor/formats/codecs/codecs.hpp"

namespace tailor::internal {
namespace {

constexpr int kNoColour = -1;

int take_some(GifFileType* gif, GifByteType* to, int wanted) {
  auto* rest = static_cast<std::span<const std::uint8_t>*>(gif->UserData);
  const std::size_t count = std::min(rest->size(), std::size_t(std::max(wanted, 0)));
  std::memcpy(to, rest->data(), count);
  *rest = rest->subspan(count);
  return int(count);
}

struct CloseGifReader {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};
using GifFile = std::unique_ptr<GifFileType, CloseGifReader>;

// Of a file, or of what giflib calls an error while it reads one.
Error broken_gif(const std::string& source, int error) {
  if (error == D_GIF_ERR_NOT_ENOUGH_MEM) throw std::bad_alloc();
  return bad_input(fmt::format("{} is a broken or cut short GIF image", source));
}

// `rest` must outlive the file.
GifFile open_gif(std::span<const std::uint8_t>& rest, const std::string& source) {
  int error = D_GIF_SUCCEEDED;
  GifFile gif(DGifOpen(&rest, take_some, &error));
  if (!gif) throw broken_gif(source, error);
  return gif;
}

PictureHeader header_of_gif(const GifFileType& gif) {
  return {gif.SHeight, gif.SWidth, 1, false};  // 16 bits each
}

PictureHeader gif_header(std::span<const std::uint8_t> bytes, const std::string& source) {
  return header_of_gif(*open_gif(bytes, source));
}

// Reads up to the first frame; the place in its palette that is transparent, or kNoColour.
int seek_first_frame(GifFileType* gif, const std::string& source) {
  int transparent = kNoColour;
  GifRecordType record = UNDEFINED_RECORD_TYPE;
  while (DGifGetRecordType(gif, &record) == GIF_OK && record == EXTENSION_RECORD_TYPE) {
    int kind = 0;
    GifByteType* block = nullptr;
    if (DGifGetExtension(gif, &kind, &block) != GIF_OK) throw broken_gif(source, gif->Error);
    GraphicsControlBlock control;
    if (kind == GRAPHICS_EXT_FUNC_CODE && block != nullptr &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
      transparent = control.TransparentColor;
    }
    while (block != nullptr) {
      if (DGifGetExtensionNext(gif, &block) != GIF_OK) throw broken_gif(source, gif->Error);
    }
  }
  if (record != IMAGE_DESC_RECORD_TYPE || DGifGetImageDesc(gif) != GIF_OK)
    throw broken_gif(source, gif->Error);
  return transparent;
}

struct Palette {
  const ColorMapObject* map = nullptr;
  int transparent = kNoColour;

  void put(int place, std::uint8_t* rgba) const {
    if (place < 0 || place >= map->ColorCount) place = 0;
    const GifColorType& colour = map->Colors[place];
    rgba[0] = colour.Red;
    rgba[1] = colour.Green;
    rgba[2] = colour.Blue;
    rgba[3] = place == transparent ? 0 : 255;
  }
};

// Rows of an interlaced frame come in four turns.
std::vector<int> order_of_rows(const GifImageDesc& frame) {
  std::vector<int> rows;
  rows.reserve(std::size_t(std::max(frame.Height, 0)));
  constexpr int kFirst[] = {0, 4, 2, 1}, kStep[] = {8, 8, 4, 2};
  for (int turn = 0; frame.Interlace && turn < 4; ++turn) {
    for (int y = kFirst[turn]; y < frame.Height; y += kStep[turn]) rows.push_back(y);
  }
  for (int y = 0; !frame.Interlace && y < frame.Height; ++y) rows.push_back(y);
  return rows;
}

PictureHeader decode_gif(std::span<const std::uint8_t> bytes, const std::string& source,
                         Image& image) {
  const GifFile gif = open_gif(bytes, source);
  const PictureHeader header = header_of_gif(*gif);
  check_image_size(std::uint64_t(header.width), std::uint64_t(header.height), source);
  Palette palette;
  palette.transparent = seek_first_frame(gif.get(), source);
  const GifImageDesc& frame = gif->Image;
  palette.map = frame.ColorMap != nullptr ? frame.ColorMap : gif->SColorMap;
  if (palette.map == nullptr || frame.Left < 0 || frame.Top < 0 || frame.Width < 1 ||
      frame.Left + frame.Width > header.width || frame.Top + frame.Height > header.height) {
    throw broken_gif(source, gif->Error);
  }
  shape_image(image, std::uint64_t(header.width), std::uint64_t(header.height), 4, source);
  std::ranges::fill(image.pixels, std::uint8_t(0));  // around the frame nothing is to be seen
  std::vector<GifPixelType> row(std::size_t(frame.Width));
  for (const int y : order_of_rows(frame)) {
    if (DGifGetLine(gif.get(), row.data(), frame.Width) != GIF_OK)
      throw broken_gif(source, gif->Error);
    const std::size_t first =
        std::size_t(frame.Top + y) * std::size_t(header.width) + std::size_t(frame.Left);
    for (std::size_t x = 0; x < row.size(); ++x) {
      palette.put(row[x], &image.pixels[4 * (first + x)]);
    }
  }
  return header;
}

}  // namespace

const Codec kGif = {gif_header, decode_gif};

}  // namespace tailor::internal
