#include "tailor/report/picture/badges.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tailor/core/limits.hpp"
#include "tailor/report/picture/trajectory.hpp"

namespace tailor::internal {
namespace {

// Counts of one class's points on a coarse grid over the map.
class DensityGrid {
 public:
  explicit DensityGrid(int dimensions)
      : side_(dimensions == 3 ? 18 : 36),
        layers_(dimensions == 3 ? side_ : 1),
        counts_(std::size_t(side_ * side_ * layers_)) {}

  using Cell = std::array<int, 3>;

  Cell cell(const Place& at) const {
    const auto along = [&](float v) {
      return std::clamp(int((v + 1) / 2 * float(side_)), 0, side_ - 1);
    };
    return {along(at[0]), along(at[1]), layers_ == 1 ? 0 : along(at[2])};
  }
  void add(const Place& at) { ++count(cell(at)); }

  // The cell that holds the most together with those around it.
  Cell densest() const {
    Cell best = {};
    int most = -1;
    for (int z = 0; z < layers_; ++z) {
      for (int y = 0; y < side_; ++y) {
        for (int x = 0; x < side_; ++x) {
          const int now = around({x, y, z});
          if (now > most) most = now, best = {x, y, z};
        }
      }
    }
    return best;
  }

  static bool touches(const Cell& a, const Cell& b) {
    return std::abs(a[0] - b[0]) <= kReach && std::abs(a[1] - b[1]) <= kReach &&
           std::abs(a[2] - b[2]) <= kReach;
  }

 private:
  static constexpr int kReach = 2;

  std::size_t index(const Cell& c) const {
    return std::size_t((c[2] * side_ + c[1]) * side_ + c[0]);
  }
  int& count(const Cell& c) { return counts_[index(c)]; }

  int around(const Cell& c) const {
    int sum = 0;
    for (int z = std::max(0, c[2] - kReach); z <= std::min(layers_ - 1, c[2] + kReach); ++z) {
      for (int y = std::max(0, c[1] - kReach); y <= std::min(side_ - 1, c[1] + kReach); ++y) {
        for (int x = std::max(0, c[0] - kReach); x <= std::min(side_ - 1, c[0] + kReach); ++x) {
          sum += counts_[index({x, y, z})];
        }
      }
    }
    return sum;
  }

  int side_;
  int layers_;
  std::vector<int> counts_;
};

Place densest_place(const std::vector<Place>& points, int dimensions) {
  DensityGrid grid(dimensions);
  for (const Place& at : points) grid.add(at);
  const DensityGrid::Cell middle = grid.densest();
  std::array<double, 3> sum = {};
  int members = 0;
  for (const Place& at : points) {
    if (!DensityGrid::touches(grid.cell(at), middle)) continue;
    for (std::size_t d = 0; d < 3; ++d) sum[d] += at[d];
    ++members;
  }
  return {float(sum[0] / members), float(sum[1] / members), float(sum[2] / members)};
}

// Half of what is missing, to each side. Two in the same place part in a direction of their own:
// many in one place must not end up in a row that is longer than the square.
void part(BadgePlace& a, BadgePlace& b, float wanted) {
  float dx = b.x - a.x, dy = b.y - a.y;
  float apart = std::hypot(dx, dy);
  if (apart >= wanted) return;
  if (apart < 0.01f) {
    const float golden_angle = 2.39996f;
    dx = std::cos(golden_angle * float(b.label)), dy = std::sin(golden_angle * float(b.label));
    apart = 1;
  }
  const float push = (wanted - apart) / (2 * apart);
  a.x -= dx * push, a.y -= dy * push;
  b.x += dx * push, b.y += dy * push;
}

}  // namespace

std::vector<Anchor> densest_places(std::span<const std::int16_t> screen, int dimensions,
                                   std::span<const Label> labels) {
  std::vector<std::vector<Place>> members(kMostClasses);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    Place at = {};
    for (std::size_t d = 0; d < std::size_t(dimensions); ++d) {
      at[d] = float(screen[i * std::size_t(dimensions) + d]) / kScreenEdge;
    }
    members[labels[i]].push_back(at);
  }
  std::vector<Anchor> anchors;
  for (std::size_t label = 0; label < members.size(); ++label) {
    if (members[label].empty()) continue;
    anchors.push_back({int(label), densest_place(members[label], dimensions)});
  }
  return anchors;
}

void move_apart(std::vector<BadgePlace>& badges, float radius, const Box& square) {
  constexpr int kRounds = 200;  // 10 badges in one place are apart after 40
  const float wanted = 2.3f * radius;
  const float left = float(square.left) + radius, top = float(square.top) + radius;
  const float right = left + std::max(float(square.width) - 2 * radius, 0.f);
  const float bottom = top + std::max(float(square.height) - 2 * radius, 0.f);
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t a = 0; a < badges.size(); ++a) {
      for (std::size_t b = a + 1; b < badges.size(); ++b) part(badges[a], badges[b], wanted);
    }
    for (BadgePlace& badge : badges) {
      badge.x = std::clamp(badge.x, left, right);
      badge.y = std::clamp(badge.y, top, bottom);
    }
  }
}

}  // namespace tailor::internal
