// A picture in memory and the few shapes a map needs: rectangles and discs with soft edges.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tailor/formats/image.hpp"
#include "tailor/report/picture/palette.hpp"

namespace tailor::internal {

inline constexpr Rgb kWhite = {255, 255, 255};

// (1 - share) x from + share x to; share in 256ths.
Rgb mixed(const Rgb& from, const Rgb& to, int share);

struct Box {
  int left = 0, top = 0, width = 0, height = 0;
};

// RGB on white. Everything outside is silently cut off.
class Canvas {
 public:
  Canvas(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  const Rgb& at(int x, int y) const { return pixels_[index(x, y)]; }
  const std::vector<Rgb>& pixels() const { return pixels_; }

  // `cover` in 256ths: 0 leaves the pixel, 256 replaces it.
  void blend(int x, int y, const Rgb& colour, int cover);
  void fill(const Box& box, const Rgb& colour);
  void disc(float x, float y, float radius, const Rgb& colour);

  Image image() const;  // 3 channels

 private:
  std::size_t index(int x, int y) const {
    return std::size_t(y) * std::size_t(width_) + std::size_t(x);
  }

  int width_;
  int height_;
  std::vector<Rgb> pixels_;
};

// Discs of one radius, drawn by the ten thousand: their coverage is worked out once, for every
// quarter of a pixel.
class DiscStamp {
 public:
  // `cover` of the disc's inside, in 256ths.
  DiscStamp(float radius, int cover);

  // Pixels outside `clip` stay.
  void draw(Canvas& canvas, float x, float y, const Rgb& colour, const Box& clip) const;

 private:
  static constexpr int kParts = 4;

  int reach_;                          // pixels from the middle one to the edge of the stamp
  std::vector<std::uint16_t> covers_;  // kParts x kParts stamps of (2 reach + 1) squared
};

// How much of the pixel at (dx, dy) from the centre a disc covers, in 256ths: a ramp one pixel
// wide.
int disc_cover(float dx, float dy, float radius);

}  // namespace tailor::internal
