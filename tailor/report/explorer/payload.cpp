#include "tailor/report/explorer/payload.hpp"

#include <algorithm>
#include <cmath>

#include "tailor/formats/deflate.hpp"
#include "tailor/report/picture/trajectory.hpp"

namespace tailor::internal {
namespace {

void append(std::vector<std::uint8_t>& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(std::uint8_t(value >> (8 * i)));
}

std::uint32_t zigzag(int value) {
  return (std::uint32_t(value) << 1) ^ std::uint32_t(value < 0 ? -1 : 0);
}

// The coordinates in `bits` bits, rounded to the nearest.
std::vector<int> coarse(const MapFrame& frame, int dimensions, int bits) {
  const std::vector<std::int16_t> fine = screen_coordinates(frame, dimensions);
  const int step = 1 << (16 - bits);
  std::vector<int> out(fine.size());
  std::transform(fine.begin(), fine.end(), out.begin(), [&](std::int16_t at) {
    return std::min((at + step / 2) >> (16 - bits), (1 << (bits - 1)) - 1);
  });
  return out;
}

}  // namespace

std::size_t explorer_budget(std::size_t points) {
  constexpr double kSmall = 12e6, kLarge = 40e6, kFew = 1e4, kMany = 7e4;
  const double share = (double(points) - kFew) / (kMany - kFew);
  return std::size_t(kSmall + std::clamp(share, 0.0, 1.0) * (kLarge - kSmall));
}

std::vector<std::uint8_t> packed_columns(const ExplorerData& data) {
  const std::size_t points = data.points.size();
  const std::vector<Label> labels = labels_of(data.points);
  std::vector<std::uint8_t> out;
  out.reserve(points * 11);
  for (std::size_t i = 0; i < points; ++i) append(out, data.points.number(i), 4);
  for (std::size_t i = 0; i < points; ++i) {
    const double share = data.confidence.empty() ? 0 : data.confidence[i];
    const double sure = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0;
    append(out, std::uint32_t(std::lround(sure * 65535)), 2);
  }
  for (const Label label : labels) append(out, label, 2);
  for (const Label label : data.predicted) append(out, label, 2);
  if (data.predicted.empty()) out.resize(out.size() + 2 * points);
  out.insert(out.end(), data.in_test.begin(), data.in_test.end());
  return out;
}

std::vector<std::uint8_t> packed_end(const Embedding& map) {
  std::vector<std::uint8_t> out;
  for (const std::int16_t at : screen_coordinates(map.frames.back(), map.dimensions)) {
    append(out, std::uint16_t(at), 2);
  }
  return out;
}

std::vector<std::size_t> kept_frames(const Embedding& map, std::size_t values) {
  const std::size_t per_frame = std::max<std::size_t>(1, map.points * std::size_t(map.dimensions));
  const std::size_t most = std::max<std::size_t>(2, values / per_frame);
  const std::size_t count = std::min(map.frames.size(), most);
  std::vector<std::size_t> kept(count, map.frames.size() - 1);
  for (std::size_t i = 0; i + 1 < count; ++i) {
    kept[i] = (i * (map.frames.size() - 1) + (count - 1) / 2) / (count - 1);
  }
  return kept;
}

std::vector<std::uint8_t> packed_way(const Embedding& map, const std::vector<std::size_t>& kept,
                                     int bits) {
  std::vector<std::uint8_t> out;
  std::vector<int> after = coarse(map.frames[kept.back()], map.dimensions, bits);
  for (std::size_t f = kept.size() - 1; f-- > 0;) {
    std::vector<int> now = coarse(map.frames[kept[f]], map.dimensions, bits);
    const std::size_t values = now.size(), start = out.size();
    out.resize(start + 2 * values);
    for (std::size_t i = 0; i < values; ++i) {
      const std::uint32_t difference = zigzag(now[i] - after[i]);
      out[start + i] = std::uint8_t(difference);
      out[start + values + i] = std::uint8_t(difference >> 8);
    }
    after = std::move(now);
  }
  return gzip(out);
}

int neighbour_bytes(std::size_t points) {
  return points <= 0x10000 ? 2 : points <= 0x1000000 ? 3 : 4;
}

std::vector<std::uint8_t> packed_neighbours(const Neighbours& neighbours, int k) {
  const int shown = std::min(k, neighbours.k);
  std::vector<std::uint8_t> out;
  for (int byte = 0; byte < neighbour_bytes(neighbours.points); ++byte) {
    for (std::size_t i = 0; i < neighbours.points; ++i) {
      for (int j = 0; j < shown; ++j) {
        const std::uint32_t other =
            neighbours.index[i * std::size_t(neighbours.k) + std::size_t(j)];
        out.push_back(std::uint8_t(other >> (8 * byte)));
      }
    }
  }
  return gzip(out);
}

}  // namespace tailor::internal
