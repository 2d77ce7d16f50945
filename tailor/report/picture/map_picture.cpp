#include "tailor/report/picture/map_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace tailor::internal {
namespace {

constexpr Rgb kInk = {0x1f, 0x23, 0x28};
constexpr Rgb kQuiet = {0x5b, 0x63, 0x6e};
constexpr Rgb kTrack = {0xe4, 0xe7, 0xea};

// In units that `scale` multiplies.
constexpr int kMapMargin = 24;
constexpr int kHeader = 76;
constexpr int kTitleLine = 34;  // baselines
constexpr int kSecondLine = 58;
constexpr int kFooter = 28;
constexpr int kTrackHeight = 3;
constexpr int kLegendWidth = 196;
constexpr int kRow = 30;
constexpr int kBadge = 11;  // radius
constexpr int kSmallBadge = 8;
constexpr int kQualityHeight = 60;

}  // namespace

MapPicture::MapPicture(const Embedding& map, std::span<const Label> labels,
                       const std::vector<std::string>& class_names, const std::string& title,
                       int side, int scale)
    : map_(map),
      classes_(class_names.size()),
      scale_(scale),
      square_{px(kMapMargin), px(kHeader), side, side},
      legend_{2 * px(kMapMargin) + side, px(kHeader), px(kLegendWidth), side},
      points_(map, labels, square_),
      background_(legend_.left + legend_.width + px(kMapMargin), square_.top + side + px(kFooter)) {
  draw_header(title);
  draw_legend(class_names);
}

TextStyle MapPicture::style(int size, bool bold) const {
  return {px(size), kInk, bold};
}

TextStyle MapPicture::quiet(int size) const {
  return {px(size), kQuiet, false};
}

void MapPicture::write(Canvas& canvas, int left, int baseline, const std::string& text,
                       const TextStyle& how, int room) const {
  text_.draw(canvas, left, baseline, text_.shortened(text, how, room), how);
}

void MapPicture::draw_header(const std::string& title) {
  write(background_, square_.left, px(kTitleLine), title, style(20, true), square_.width);
  write(background_, square_.left, px(kSecondLine), map_.method, quiet(14), square_.width);
}

// As many rows as fit; where not all do, the last says how many are missing.
void MapPicture::draw_legend(const std::vector<std::string>& class_names) {
  const int room = (legend_.height - px(kQualityHeight)) / px(kRow);
  const int classes = int(class_names.size());
  const int rows = classes <= room ? classes : std::max(0, room - 1);
  const int text_left = legend_.left + px(2 * kBadge + 10);
  const int text_room = legend_.left + legend_.width - text_left;
  for (int row = 0; row < rows; ++row) {
    const int middle = legend_.top + px(kRow) * row + px(kRow / 2);
    draw_badge(background_, float(legend_.left + px(kBadge)), float(middle), row, px(kBadge));
    write(background_, text_left, middle + px(5), class_names[std::size_t(row)], style(15),
          text_room);
  }
  if (rows < classes) {
    write(background_, text_left, legend_.top + px(kRow) * rows + px(kRow / 2 + 5),
          fmt::format("and {} more", classes - rows), quiet(14), text_room);
  }
}

void MapPicture::draw_badge(Canvas& canvas, float x, float y, int label, int radius) const {
  canvas.disc(x, y, float(radius), class_colour(label));
  const std::string number = std::to_string(label);
  TextStyle how;
  how.size = number.size() < 3 ? radius * 12 / 11 : radius * 9 / 11;
  how.bold = true;
  how.colour = ink_on(class_colour(label));
  const int left = int(std::lround(x - float(text_.width(number, how)) / 2));
  text_.draw(canvas, left, int(std::lround(y)) + how.size * 3 / 8, number, how);
}

// What changes from frame to frame stands at fixed places: figures don't dance, and GIF stores
// less.
void MapPicture::draw_step(Canvas& canvas, const MapFrame& frame) const {
  if (map_.frames.size() == 1) return;
  write(canvas, legend_.left, px(kTitleLine), fmt::format("Step {}", frame.step), style(16, true),
        legend_.width);
  if (frame.kl > 0) {
    write(canvas, legend_.left, px(kSecondLine), fmt::format("KL divergence {:.2f}", frame.kl),
          quiet(14), legend_.width);
  }
}

void MapPicture::draw_quality(Canvas& canvas) const {
  const MapQuality& quality = map_.quality;
  if (quality.sampled == 0) return;
  const std::pair<const char*, std::string> rows[] = {
      {"10-NN accuracy", fmt::format("{:.1f} %", 100 * quality.map_accuracy)},
      {"Trustworthiness", fmt::format("{:.3f}", quality.trustworthiness)}};
  int baseline = legend_.top + legend_.height - px(kQualityHeight) + px(26);
  canvas.fill({legend_.left, baseline - px(22), legend_.width, scale_}, kTrack);
  for (const auto& [name, value] : rows) {
    text_.draw(canvas, legend_.left, baseline, name, quiet(13));
    const TextStyle strong = style(13, true);
    const int left = legend_.left + legend_.width - text_.width(value, strong);
    text_.draw(canvas, left, baseline, value, strong);
    baseline += px(22);
  }
}

Canvas MapPicture::draw(const Moment& moment) const {
  Canvas canvas = background_;
  points_.draw(canvas, points_.place(moment));
  draw_step(canvas, map_.frames[moment.frame]);
  return canvas;
}

// Many numbers need to be smaller, or they hide what they name.
Canvas MapPicture::draw_end(float turn) const {
  Canvas canvas = background_;
  points_.draw(canvas, points_.place({map_.frames.size() - 1, 0, turn}));
  const int radius = px(classes_ <= 20 ? kBadge : kSmallBadge);
  for (const BadgePlace& badge : points_.badges(turn, float(radius))) {
    canvas.disc(badge.x, badge.y, float(radius + px(2)), kWhite);  // parts it from the points
    draw_badge(canvas, badge.x, badge.y, badge.label, radius);
  }
  draw_step(canvas, map_.frames.back());
  draw_quality(canvas);
  return canvas;
}

void MapPicture::draw_progress(Canvas& canvas, const Moment& moment) const {
  const MapFrame& from = map_.frames[moment.frame];
  const MapFrame& to = map_.frames[std::min(moment.frame + 1, map_.frames.size() - 1)];
  const double step = from.step + double(moment.part) * (to.step - from.step);
  const double share = map_.frames.back().step > 0 ? step / map_.frames.back().step : 1;
  const int top = canvas.height() - px(kTrackHeight);
  canvas.fill({0, top, canvas.width(), px(kTrackHeight)}, kTrack);
  canvas.fill({0, top, int(std::lround(share * canvas.width())), px(kTrackHeight)},
              kClassColours[0]);
}

}  // namespace tailor::internal
