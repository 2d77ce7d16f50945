// Repulsion in space by a tree (Barnes & Hut 1986; for t-SNE van der Maaten 2014): a cube of points
// far away pushes like one heavy point in their middle.
//
// Points are sorted along a Morton curve, on which every cube is a range, so the tree is built in
// one pass over them. Nodes lie in the order of a walk that goes deep first: the first child of
// node i is i + 1, and `skip` tells where the walk goes on when i is not opened.
//
//   node   0        1        2      3      4        5
//          all ---> cube --> leaf   leaf   cube --> leaf
//          skip 6   skip 4   3      4      6        6
//
// A walk serves a whole group of nearby points (Barnes 1990): it opens what is wide as seen from
// the nearest corner of the group's box, so no point gets less than its own walk would give it, and
// leaves a flat list that the vector unit runs through for each of them.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "tailor/embed/tsne/repulsion.hpp"
#include "tailor/embed/tsne/tsne_blocks.hpp"
#include "tailor/embed/tsne/tsne_order.hpp"

#include "tailor/core/target/begin.hpp"

namespace tailor::internal::TAILOR_TARGET {
namespace {

constexpr std::size_t kAxes = 3;
constexpr float kTheta =
    0.5f;  // a cube is opened where its side is above this share of the distance
constexpr std::size_t kLeafPoints = 8;
constexpr std::size_t kGroupPoints = 64;

using Vector = std::array<float, kAxes>;

struct Node {
  Vector middle;  // of its points
  float weight = 0;
  float side = 0;
  std::uint32_t begin = 0;  // its points, along the curve
  std::uint32_t end = 0;
  std::uint32_t skip = 0;
};

struct Group {
  std::uint32_t begin;
  std::uint32_t end;
};

// Heavy points, axis by axis.
struct Bodies {
  std::array<std::vector<float>, kAxes> axis;
  std::vector<float> weight;

  void clear() {
    for (auto& values : axis) values.clear();
    weight.clear();
  }
  void add(const Vector& place, float heavy) {
    for (std::size_t d = 0; d < kAxes; ++d) axis[d].push_back(place[d]);
    weight.push_back(heavy);
  }
};

class TreeRepulsion : public Repulsion {
 public:
  explicit TreeRepulsion(Team& team) : team_(team) {}

  double compute(std::span<const float> coordinates, std::span<float> force) override {
    grow(coordinates);
    std::vector<double> z(groups_.size());
    for_each_index(groups_.size(), team_,
                   [&](std::size_t g, int) { z[g] = push(groups_[g], force); });
    double sum = 0;
    for (const double part : z) sum += part;
    return sum - double(place_.size());  // each point has met itself: K = 1
  }

 private:
  void grow(std::span<const float> coordinates) {
    order_ = morton_order(coordinates, int(kAxes));
    place_.resize(order_.point.size());
    for (std::size_t i = 0; i < place_.size(); ++i) {
      for (std::size_t d = 0; d < kAxes; ++d) {
        place_[i][d] = coordinates[order_.point[i] * kAxes + d];
      }
    }
    nodes_.clear();
    groups_.clear();
    grow_node(0, std::uint32_t(place_.size()), kMortonBits, false);
  }

  // The cube that holds the points begin to end, `level` halvings above the finest.
  void grow_node(std::uint32_t begin, std::uint32_t end, int level, bool grouped) {
    const std::size_t self = nodes_.size();
    Node node;
    node.begin = begin;
    node.end = end;
    node.weight = float(end - begin);
    node.side = order_.side / float(1u << (kMortonBits - level));
    node.middle = middle(begin, end);
    nodes_.push_back(node);
    const bool leaf = end - begin <= kLeafPoints || level == 0;
    if (!grouped && (leaf || end - begin <= kGroupPoints)) {
      split_into_groups(begin, end);
      grouped = true;
    }
    if (!leaf) {
      const auto cube = [&](std::uint32_t i) { return order_.code[i] >> (level - 1) * int(kAxes); };
      for (std::uint32_t first = begin; first < end;) {
        std::uint32_t last = first + 1;
        while (last < end && cube(last) == cube(first)) ++last;
        grow_node(first, last, level - 1, grouped);
        first = last;
      }
    }
    nodes_[self].skip = std::uint32_t(nodes_.size());
  }

  // More than one only where a finest cube holds more points than a group should.
  void split_into_groups(std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t at = begin; at < end; at += kGroupPoints) {
      groups_.push_back({at, std::min(end, at + std::uint32_t(kGroupPoints))});
    }
  }

  Vector middle(std::uint32_t begin, std::uint32_t end) const {
    std::array<double, kAxes> sum{};
    for (std::uint32_t i = begin; i < end; ++i) {
      for (std::size_t d = 0; d < kAxes; ++d) sum[d] += place_[i][d];
    }
    Vector out;
    for (std::size_t d = 0; d < kAxes; ++d) out[d] = float(sum[d] / (end - begin));
    return out;
  }

  double push(const Group& group, std::span<float> force) const {
    thread_local Bodies bodies;
    walk(group, bodies);
    double z = 0;
    for (std::uint32_t i = group.begin; i < group.end; ++i) {
      z += push_point(bodies, place_[i], force.data() + order_.point[i] * kAxes);
    }
    return z;
  }

  void walk(const Group& group, Bodies& bodies) const {
    Vector low = place_[group.begin];
    Vector high = low;
    for (std::uint32_t i = group.begin; i < group.end; ++i) {
      for (std::size_t d = 0; d < kAxes; ++d) {
        low[d] = std::min(low[d], place_[i][d]);
        high[d] = std::max(high[d], place_[i][d]);
      }
    }
    bodies.clear();
    for (std::uint32_t n = 0; n < nodes_.size();) {
      const Node& node = nodes_[n];
      float square = 0;  // of the distance from the box
      for (std::size_t d = 0; d < kAxes; ++d) {
        const float away = std::max({0.0f, low[d] - node.middle[d], node.middle[d] - high[d]});
        square += away * away;
      }
      const bool leaf = node.skip == n + 1;
      if (node.side * node.side < kTheta * kTheta * square) {
        bodies.add(node.middle, node.weight);
        n = node.skip;
      } else {
        if (leaf) {
          for (std::uint32_t i = node.begin; i < node.end; ++i) bodies.add(place_[i], 1);
        }
        ++n;
      }
    }
  }

  static float push_point(const Bodies& bodies, const Vector& point, float* force) {
    float z = 0;
    float fx = 0;
    float fy = 0;
    float fz = 0;
    const float* x = bodies.axis[0].data();
    const float* y = bodies.axis[1].data();
    const float* height = bodies.axis[2].data();
    const float* weight = bodies.weight.data();
#pragma omp simd reduction(+ : z, fx, fy, fz)
    for (std::size_t b = 0; b < bodies.weight.size(); ++b) {
      const float dx = point[0] - x[b];
      const float dy = point[1] - y[b];
      const float dz = point[2] - height[b];
      const float k = 1 / (1 + dx * dx + dy * dy + dz * dz);
      const float heavy = weight[b] * k;
      z += heavy;
      fx += heavy * k * dx;
      fy += heavy * k * dy;
      fz += heavy * k * dz;
    }
    force[0] = fx;
    force[1] = fy;
    force[2] = fz;
    return z;
  }

  Team& team_;
  MortonOrder order_;
  std::vector<Vector> place_;  // along the curve
  std::vector<Node> nodes_;
  std::vector<Group> groups_;
};

}  // namespace

std::unique_ptr<Repulsion> tree_repulsion(Team& team) {
  return std::make_unique<TreeRepulsion>(team);
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
