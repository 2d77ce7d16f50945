#include "tailor/cli/text_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "tailor/cli/text_width.hpp"

namespace tailor::internal {
namespace {

using Rgb = std::array<int, 3>;

constexpr int kGap = 2;              // columns between pictures
constexpr int kCaptionColumns = 24;  // "predicted Ankle boot 98 %"

// The mean of a square of pixels, as RGB; black below the image.
Rgb mean_at(const Image& image, int row, int column, int factor) {
  Rgb sum = {0, 0, 0};
  int count = 0;
  for (int y = row * factor; y < std::min((row + 1) * factor, image.height); ++y) {
    for (int x = column * factor; x < std::min((column + 1) * factor, image.width); ++x) {
      const std::size_t at = (std::size_t(y) * image.width + x) * image.channels;
      for (int c = 0; c < 3; ++c) sum[c] += image.pixels[at + (image.channels == 3 ? c : 0)];
      ++count;
    }
  }
  for (int& value : sum) value = count > 0 ? value / count : 0;
  return sum;
}

std::string coloured_cell(const Rgb& upper, const Rgb& lower) {
  return fmt::format("\x1b[38;2;{};{};{};48;2;{};{};{}m\xE2\x96\x80", upper[0], upper[1], upper[2],
                     lower[0], lower[1], lower[2]);
}

char shaded_cell(const Rgb& upper, const Rgb& lower) {
  constexpr std::string_view kRamp = " .:-=+*#%@";
  int sum = 0;
  for (int c = 0; c < 3; ++c) sum += upper[c] + lower[c];
  return kRamp[std::size_t(sum) * (kRamp.size() - 1) / (6 * 255)];
}

int columns_of(const CaptionedImage& image) {
  return image.caption.empty() ? image.picture.columns
                               : std::max(image.picture.columns, kCaptionColumns);
}

}  // namespace

TextImage text_image(const Image& image, int columns, bool colour) {
  const int factor = std::max(1, (image.width + columns - 1) / std::max(columns, 1));
  TextImage out;
  out.columns = (image.width + factor - 1) / factor;
  const int rows = (image.height + factor - 1) / factor;
  for (int row = 0; row < rows; row += 2) {
    std::string line;
    for (int column = 0; column < out.columns; ++column) {
      const Rgb upper = mean_at(image, row, column, factor);
      const Rgb lower = mean_at(image, row + 1, column, factor);
      if (colour) {
        line += coloured_cell(upper, lower);
      } else {
        line += shaded_cell(upper, lower);
      }
    }
    out.lines.push_back(colour ? line + "\x1b[0m" : line);
  }
  return out;
}

std::string image_rows(const std::vector<CaptionedImage>& images, int width) {
  std::string text;
  for (std::size_t first = 0; first < images.size();) {
    std::size_t last = first;
    int used = 0;
    while (last < images.size() && (last == first || used + columns_of(images[last]) <= width)) {
      used += columns_of(images[last++]) + kGap;
    }
    std::size_t picture_lines = 0, caption_lines = 0;
    for (std::size_t i = first; i < last; ++i) {
      picture_lines = std::max(picture_lines, images[i].picture.lines.size());
      caption_lines = std::max(caption_lines, images[i].caption.size());
    }
    for (std::size_t line = 0; line < picture_lines + caption_lines; ++line) {
      std::string row;
      for (std::size_t i = first; i < last; ++i) {
        const CaptionedImage& image = images[i];
        const auto room = std::size_t(columns_of(image));
        std::string cell;
        std::size_t visible = 0;
        if (line < image.picture.lines.size()) {
          cell = image.picture.lines[line];
          visible = std::size_t(image.picture.columns);
        } else if (line >= picture_lines && line - picture_lines < image.caption.size()) {
          cell = cut_to(image.caption[line - picture_lines], room);
          visible = text_columns(cell);
        }
        row += cell;
        if (i + 1 < last) row += std::string(room - visible + kGap, ' ');
      }
      text += row + '\n';
    }
    text += '\n';
    first = last;
  }
  return text;
}

}  // namespace tailor::internal
