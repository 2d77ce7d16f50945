#include "tailor/nn/views.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/core/image_moves.hpp"

namespace tailor::internal {

void check_views(int views) {
  if (views == 1 || views == 2 || views == 6) return;
  throw bad_input(fmt::format("model.views takes 1, 2 or 6, not {}", views));
}

double share_of_view(int views, int view) {
  if (views < 6) return 1.0 / views;
  return view < 2 ? 0.25 : 0.125;
}

void see(const Shape& shape, int view, const std::uint8_t* image, std::span<std::uint8_t> room,
         std::span<std::uint8_t> out) {
  const ImageBytes in(image, shape.size());
  const int by = view / 2 == 0 ? 0 : view / 2 == 1 ? -1 : 1;  // down and right
  const bool mirrored = view % 2 == 1;
  if (!mirrored) return shift(shape, in, by, by, Fill::kReflect, out);
  shift(shape, in, by, by, Fill::kReflect, room);
  mirror(shape, room, out);
}

}  // namespace tailor::internal
