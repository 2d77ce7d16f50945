// One picture of an embedding: a title, the points, a legend beside them and what the moment is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/report/picture/map_points.hpp"
#include "tailor/report/picture/text_raster.hpp"

namespace tailor::internal {

class MapPicture {
 public:
  // A square of `side` pixels for the points; texts and margins grow with `scale`. Everything that
  // is passed outlives this.
  MapPicture(const Embedding& map, std::span<const Label> labels,
             const std::vector<std::string>& class_names, const std::string& title, int side,
             int scale);

  int width() const { return background_.width(); }
  int height() const { return background_.height(); }

  Canvas draw(const Moment& moment) const;
  // The last frame, with the number of each class on its points and the map's quality.
  Canvas draw_end(float turn) const;
  // A bar along the lower edge: the share of all steps made by then.
  void draw_progress(Canvas& canvas, const Moment& moment) const;

 private:
  int px(int units) const { return units * scale_; }
  TextStyle style(int size, bool bold = false) const;
  TextStyle quiet(int size) const;
  void write(Canvas& canvas, int left, int baseline, const std::string& text, const TextStyle& how,
             int room) const;
  void draw_header(const std::string& title);
  void draw_legend(const std::vector<std::string>& class_names);
  void draw_step(Canvas& canvas, const MapFrame& frame) const;
  void draw_quality(Canvas& canvas) const;
  void draw_badge(Canvas& canvas, float x, float y, int label, int radius) const;

  const Embedding& map_;
  std::size_t classes_;
  int scale_;
  Box square_;
  Box legend_;
  TextRaster text_;
  MapPoints points_;
  Canvas background_;
};

}  // namespace tailor::internal
