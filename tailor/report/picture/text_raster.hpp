// Letters on a canvas: DejaVu Sans through FreeType where the machine has it (fonts-dejavu-core),
// and the 8 x 8 letters that giflib carries where it does not. Plain left-to-right text, no
// shaping.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tailor/report/picture/raster.hpp"

namespace tailor::internal {

struct TextStyle {
  int size = 15;  // of the em, in pixels
  Rgb colour = {0x22, 0x22, 0x22};
  bool bold = false;
};

// Where distributions keep DejaVu Sans.
const std::vector<std::filesystem::path>& font_folders();

// Texts are UTF-8 of any origin: what is not becomes U+FFFD, control characters become spaces.
class TextRaster {
 public:
  explicit TextRaster(const std::vector<std::filesystem::path>& folders = font_folders());
  ~TextRaster();
  TextRaster(const TextRaster&) = delete;
  TextRaster& operator=(const TextRaster&) = delete;

  bool has_font() const;  // false: the 8 x 8 letters, which know ASCII only

  int width(std::string_view text, const TextStyle& style) const;
  // The text, or as much of it as fits into `room` pixels followed by an ellipsis; nothing where
  // not even that fits.
  std::string shortened(std::string_view text, const TextStyle& style, int room) const;
  void draw(Canvas& canvas, int left, int baseline, std::string_view text,
            const TextStyle& style) const;

 private:
  struct Faces;
  std::unique_ptr<Faces> faces_;
};

}  // namespace tailor::internal
