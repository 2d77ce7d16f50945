#include "tailor/report/picture/evidence.hpp"

#include <algorithm>
#include <cmath>

#include "tailor/report/picture/raster.hpp"
#include "tailor/report/picture/text_raster.hpp"

namespace tailor::internal {
namespace {

constexpr Rgb kFor = {0xe6, 0x5c, 0x00};
constexpr Rgb kAgainst = {0x00, 0x5f, 0xcc};
constexpr double kNothing = 0.05;  // nats

std::uint8_t gray_of(const Image& picture, std::size_t pixel) {
  const std::uint8_t* values = &picture.pixels[pixel * std::size_t(picture.channels)];
  if (picture.channels == 1) return values[0];
  return std::uint8_t((values[0] * 299 + values[1] * 587 + values[2] * 114 + 500) / 1000);
}

Rgb colour_at(const Image& picture, std::size_t pixel) {
  const std::uint8_t* values = &picture.pixels[pixel * std::size_t(picture.channels)];
  if (picture.channels == 1) return {values[0], values[0], values[0]};
  return {values[0], values[1], values[2]};
}

void draw(Canvas& canvas, const Image& picture, int left, int top, int factor) {
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      canvas.fill({left + x * factor, top + y * factor, factor, factor},
                  colour_at(picture, std::size_t(y * picture.width + x)));
    }
  }
}

struct SheetLayout {
  static constexpr int kMargin = 16, kGap = 8, kText = 15, kLine = 20;
  static constexpr int kSide = 200;  // of a picture, where it is smaller
  int factor, width, height;         // of a picture
  int columns, rows;

  explicit SheetLayout(const std::vector<Explained>& all) {
    const Image& first = all.front().picture;
    factor = std::max(1, kSide / std::max(first.width, first.height));
    width = first.width * factor;
    height = first.height * factor;
    columns = int(std::min<std::size_t>(all.size(), 3));
    rows = (int(all.size()) + columns - 1) / columns;
  }
  int pair_width() const { return 2 * width + kGap; }
  int pair_height() const { return height + 2 * kLine; }
  int left(int column) const { return kMargin + column * (pair_width() + 2 * kMargin); }
  int top(int row) const { return kMargin + 2 * kLine + row * (pair_height() + kMargin); }
};

void draw_legend(Canvas& canvas, const TextRaster& text, int room) {
  int left = SheetLayout::kMargin;
  const auto entry = [&](const Rgb& colour, const char* words) {
    canvas.fill({left, SheetLayout::kMargin + 2, 12, 12}, colour);
    const TextStyle style{.size = SheetLayout::kText};
    const std::string shown = text.shortened(words, style, room - left - 18);
    text.draw(canvas, left + 18, SheetLayout::kMargin + 13, shown, style);
    left += 18 + text.width(shown, style) + 20;
  };
  entry(kFor, "spoke for the answer");
  entry(kAgainst, "spoke against it");
}

}  // namespace

Image evidence_picture(const Image& picture, std::span<const float> evidence) {
  double most = kNothing;
  for (const float value : evidence) most = std::max(most, std::abs(double(value)));
  Image out{picture.height, picture.width, 3, {}};
  out.pixels.reserve(evidence.size() * 3);
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    const std::uint8_t pale = std::uint8_t(96 + gray_of(picture, i) * 5 / 8);
    const double share = most > kNothing ? double(evidence[i]) / most : 0;
    const Rgb colour = mixed({pale, pale, pale}, share > 0 ? kFor : kAgainst,
                             int(std::lround(200 * std::abs(share))));
    out.pixels.insert(out.pixels.end(), colour.begin(), colour.end());
  }
  return out;
}

Image evidence_sheet(const std::vector<Explained>& all) {
  const SheetLayout layout(all);
  const TextRaster text;
  Canvas canvas(layout.left(layout.columns) - SheetLayout::kMargin, layout.top(layout.rows));
  draw_legend(canvas, text, canvas.width() - SheetLayout::kMargin);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Explained& one = all[i];
    const int left = layout.left(int(i) % layout.columns);
    const int top = layout.top(int(i) / layout.columns);
    const auto line = [&](const std::string& words, int baseline, const TextStyle& style) {
      text.draw(canvas, left, baseline, text.shortened(words, style, layout.pair_width()), style);
    };
    line(one.title, top + SheetLayout::kText, {.size = SheetLayout::kText, .bold = true});
    line(one.note, top + SheetLayout::kText + SheetLayout::kLine, {.size = SheetLayout::kText - 2});
    draw(canvas, one.picture, left, top + 2 * SheetLayout::kLine, layout.factor);
    draw(canvas, evidence_picture(one.picture, one.evidence),
         left + layout.width + SheetLayout::kGap, top + 2 * SheetLayout::kLine, layout.factor);
  }
  return canvas.image();
}

}  // namespace tailor::internal
