#include "tailor/report/picture/animation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tailor/core/error.hpp"
#include "tailor/formats/gif.hpp"
#include "tailor/report/picture/map_picture.hpp"
#include "tailor/report/picture/quantise.hpp"
#include "tailor/report/picture/trajectory.hpp"

namespace tailor::internal {
namespace {

constexpr float kTurn = 2 * std::numbers::pi_v<float>;
constexpr int kMoments = 90;   // 12 MB of 70,000 points at 720 x 720
constexpr int kMoving = 6300;  // milliseconds of what moves, as the others
constexpr int kStartStands = 900;
constexpr int kEndStands = 3500;
constexpr float kStillTurn = 0.5f;  // of a solid map's picture: no face straight on

void check(const Embedding& map, std::span<const Label> labels,
           const std::vector<std::string>& class_names, const AnimationOptions& options) {
  if (options.size < 64 || options.size > 4096) {
    throw bad_input(fmt::format("a map's picture is 64 to 4096 pixels wide, not {}", options.size));
  }
  const std::size_t values = map.points * std::size_t(map.dimensions);
  const bool whole = std::all_of(map.frames.begin(), map.frames.end(), [&](const MapFrame& frame) {
    return frame.coordinates.size() == values;
  });
  if (map.points == 0 || map.frames.empty() || !whole ||
      (map.dimensions != 2 && map.dimensions != 3)) {
    throw bad_input("cannot draw the map: its frames do not hold 2 or 3 coordinates per point");
  }
  if (labels.size() != map.points) {
    throw bad_input(
        fmt::format("cannot draw a map of {} points with {} labels", map.points, labels.size()));
  }
  const int largest = *std::max_element(labels.begin(), labels.end());
  if (std::size_t(largest) >= class_names.size()) {
    throw bad_input(fmt::format("cannot draw the map: label {} has no class name", largest));
  }
}

// Mean movement on the screen from each frame to the next, of at most 4,000 points.
std::vector<double> movements(const Embedding& map) {
  const std::size_t columns = std::size_t(map.dimensions);
  const std::size_t stride = columns * (1 + map.points / 4000);
  std::vector<double> out;
  std::vector<std::int16_t> before;
  for (const MapFrame& frame : map.frames) {
    const auto after = screen_coordinates(frame, map.dimensions);
    double sum = 0;
    for (std::size_t i = 0; i < before.size(); i += stride) {
      double squares = 0;
      for (std::size_t d = 0; d < columns; ++d) {
        const double moved = after[i + d] - before[i + d];
        squares += moved * moved;
      }
      sum += std::sqrt(squares);
    }
    if (!before.empty()) out.push_back(sum);
    before = after;
  }
  return out;
}

// `count` moments, the first frame first and the last excluded. Half of the mean is added to every
// movement, so that steps that hardly move anything still pass.
std::vector<Moment> way(const Embedding& map, int count) {
  std::vector<double> lengths = movements(map);
  double mean = 0;
  for (const double length : lengths) mean += length / double(lengths.size());
  for (double& length : lengths) length = length + mean / 2 + 1;
  double whole = 0;
  for (const double length : lengths) whole += length;

  std::vector<Moment> moments;
  std::size_t frame = 0;
  double passed = 0;  // up to `frame`
  for (int i = 0; i < count && !lengths.empty(); ++i) {
    const double at = whole * i / count;
    while (frame + 1 < lengths.size() && passed + lengths[frame] <= at) passed += lengths[frame++];
    moments.push_back({frame, float((at - passed) / lengths[frame]), 0});
  }
  return moments;
}

struct Shot {
  Moment moment;
  bool end = false;  // with the classes' numbers
  int milliseconds = 0;
};

// A plane map goes its way and stands. A solid one makes half a turn on its way and half of one at
// its end, which then meets the start at the same angle.
std::vector<Shot> shots_of(const Embedding& map) {
  const bool solid = map.dimensions == 3;
  const auto last = Moment{map.frames.size() - 1, 0, 0};
  std::vector<Shot> shots;
  for (const Moment& moment : way(map, solid ? kMoments / 2 : kMoments)) {
    shots.push_back({moment, false, kMoving / kMoments});
  }
  if (!shots.empty()) shots.front().milliseconds = kStartStands;
  if (!solid) {
    shots.push_back({last, true, kEndStands});
    return shots;
  }
  while (shots.size() < kMoments) shots.push_back({last, true, kMoving / kMoments});
  for (std::size_t i = 0; i < shots.size(); ++i) {
    shots[i].moment.turn = kTurn * float(i) / kMoments;
    shots[i].milliseconds *= 2;  // a turn is read more slowly
  }
  return shots;
}

// `count` of the frames, the first and the last among them; each stands for those left out after
// it.
std::vector<GifFrame> thinned(const std::vector<GifFrame>& frames, std::size_t count) {
  std::vector<GifFrame> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = i * (frames.size() - 1) / (count - 1);
    const std::size_t to = i + 1 < count ? (i + 1) * (frames.size() - 1) / (count - 1) : from + 1;
    out.push_back({frames[from].pixels, 0});
    for (std::size_t j = from; j < to; ++j) out.back().delay_ms += frames[j].delay_ms;
  }
  return out;
}

std::vector<std::uint8_t> encode_within(std::vector<GifFrame> frames, const GifOptions& options,
                                        std::size_t limit_bytes) {
  std::vector<std::uint8_t> gif = encode_gif(frames, options);
  while (gif.size() > limit_bytes && frames.size() > 2) {
    // Frames farther apart differ more and grow: a little fewer than the proportion.
    const double share = 0.97 * double(limit_bytes) / double(gif.size());
    frames = thinned(frames, std::max<std::size_t>(2, std::size_t(double(frames.size()) * share)));
    gif = encode_gif(frames, options);
  }
  return gif;
}

}  // namespace

std::vector<std::uint8_t> animated_map(const Embedding& map, std::span<const Label> labels,
                                       const std::vector<std::string>& class_names,
                                       const AnimationOptions& options) {
  check(map, labels, class_names, options);
  const MapPicture picture(map, labels, class_names, options.title, options.size, 1);
  const std::size_t used = std::min(class_names.size(), kClassColours.size());
  const Quantiser colours({kClassColours.data(), used});
  std::vector<GifFrame> frames;
  for (const Shot& shot : shots_of(map)) {
    Canvas canvas = shot.end ? picture.draw_end(shot.moment.turn) : picture.draw(shot.moment);
    picture.draw_progress(canvas, shot.moment);
    frames.push_back({colours.indices(canvas), shot.milliseconds});
  }
  return encode_within(std::move(frames),
                       {.width = picture.width(),
                        .height = picture.height(),
                        .palette = colours.palette(),
                        .loop = true},
                       options.limit_bytes);
}

Image still_map(const Embedding& map, std::span<const Label> labels,
                const std::vector<std::string>& class_names, const AnimationOptions& options,
                int scale) {
  check(map, labels, class_names, options);
  if (scale < 1 || scale > 4) {
    throw bad_input(fmt::format("a map's picture is enlarged 1 to 4 times, not {}", scale));
  }
  const MapPicture picture(map, labels, class_names, options.title, options.size * scale, scale);
  return picture.draw_end(map.dimensions == 3 ? kStillTurn : 0).image();
}

}  // namespace tailor::internal
