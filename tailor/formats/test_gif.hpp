// For tests: a GIF read back through giflib as a viewer shows it.
#pragma once

#include <gif_lib.h>
#include <gtest/gtest.h>

#include <cstring>
#include <span>
#include <vector>

#include "tailor/formats/gif.hpp"

namespace tailor::internal {

struct ReadGif {
  int width = 0;
  int height = 0;
  bool loops_forever = false;
  std::vector<std::array<std::uint8_t, 3>> palette;
  std::vector<GifFrame> frames;  // whole screens
  std::vector<int> stored;       // pixels in the file of each frame
};

inline ReadGif read_gif(std::span<const std::uint8_t> bytes) {
  ReadGif out;
  const auto take = [](GifFileType* gif, GifByteType* data, int count) {
    auto& rest = *static_cast<std::span<const std::uint8_t>*>(gif->UserData);
    const std::size_t n = std::min(rest.size(), std::size_t(count));
    std::memcpy(data, rest.data(), n);
    rest = rest.subspan(n);
    return int(n);
  };
  int error = 0;
  GifFileType* gif = DGifOpen(&bytes, take, &error);
  if (gif == nullptr || DGifSlurp(gif) != GIF_OK) {
    ADD_FAILURE() << "giflib cannot read the file";
    return out;
  }
  EXPECT_TRUE(bytes.empty());
  out.width = gif->SWidth;
  out.height = gif->SHeight;
  for (int i = 0; i < gif->SColorMap->ColorCount; ++i) {
    const GifColorType& colour = gif->SColorMap->Colors[i];
    out.palette.push_back({colour.Red, colour.Green, colour.Blue});
  }
  std::vector<std::uint8_t> screen(std::size_t(out.width * out.height));
  for (int k = 0; k < gif->ImageCount; ++k) {
    const SavedImage& image = gif->SavedImages[k];
    GraphicsControlBlock control{};
    DGifSavedExtensionToGCB(gif, k, &control);
    EXPECT_EQ(control.DisposalMode, DISPOSE_DO_NOT);
    for (int i = 0; i < image.ExtensionBlockCount; ++i) {
      const ExtensionBlock& block = image.ExtensionBlocks[i];
      if (block.Function == APPLICATION_EXT_FUNC_CODE) {
        const ExtensionBlock& count = image.ExtensionBlocks[i + 1];
        out.loops_forever = std::memcmp(block.Bytes, "NETSCAPE2.0", 11) == 0 &&
                            std::memcmp(count.Bytes, "\1\0\0", 3) == 0;
      }
    }
    const GifImageDesc& area = image.ImageDesc;
    for (int i = 0; i < area.Width * area.Height; ++i) {
      if (image.RasterBits[i] == control.TransparentColor) continue;
      const int at = (area.Top + i / area.Width) * out.width + area.Left + i % area.Width;
      screen[std::size_t(at)] = image.RasterBits[i];
    }
    out.frames.push_back({screen, control.DelayTime * 10});
    out.stored.push_back(area.Width * area.Height);
  }
  DGifCloseFile(gif, &error);
  return out;
}

}  // namespace tailor::internal
