// Many small images as one picture that the page holds once: a thousand data URIs would each cost a
// browser a request, a decode and a header of their own.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tailor/report/run/report.hpp"

namespace tailor::internal {

class Sheet {
 public:
  // Images of one size (the first's; larger ones are cut to it), side by side. Sides of over 64
  // pixels are shrunk. `id` must be unique on the page.
  Sheet(std::string id, std::span<const Pictured* const> pictures);

  // The picture itself, drawn nowhere; once, anywhere before its tiles. "" without images.
  std::string html() const;

  // The `n`-th image: an <svg role="img"> that shows its part of the sheet.
  std::string tile(std::size_t n, std::string_view alternative) const;

 private:
  std::string id_;
  int height_ = 0, width_ = 0;  // of one tile
  Image sheet_;
};

}  // namespace tailor::internal
