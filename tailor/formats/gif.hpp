// An animated picture every program since 1989 opens, through giflib.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace tailor::internal {

struct GifFrame {
  std::vector<std::uint8_t> pixels;  // height x width, indices into the palette
  int delay_ms = 40;                 // rounded to hundredths of a second, at least 20
};

struct GifOptions {
  int width = 0;
  int height = 0;
  std::vector<std::array<std::uint8_t, 3>> palette;  // 2 to 255 colours; one more marks "as before"
  bool loop = true;
};

// Each frame after the first stores only the rectangle that changed, unchanged pixels in it as
// transparent, which compresses. Throws bad_input for sizes and palettes out of range.
std::vector<std::uint8_t> encode_gif(const std::vector<GifFrame>& frames,
                                     const GifOptions& options);

}  // namespace tailor::internal
