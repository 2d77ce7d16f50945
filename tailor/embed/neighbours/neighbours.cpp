#include "tailor/embed/neighbours/neighbours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "tailor/core/error.hpp"
#include "tailor/core/target/clones.hpp"
#include "tailor/embed/points.hpp"
#include "tailor/ops/library/matmul.hpp"

namespace tailor::internal {

namespace {

// A block of products stays in a core's second-level cache (512 KiB).
constexpr std::size_t kRows = 128;
constexpr std::size_t kColumns = 1024;
constexpr std::size_t kChunk = 32;  // points compared at once; most hold no neighbour

constexpr double kUnit = 0x1p-24;   // the most that rounding to float changes, relative
constexpr double kTiny = 0x1p-100;  // more than all that is lost to denormals, in the unit ball

// The points c around their mean, scaled by a power of two into the unit ball. Half the squared
// distance of i and j is |c_i|^2 / 2 + R with R = |c_j|^2 / 2 - c_i c_j, and R as computed errs by
// at most reach_i doubt_j (the dot product's sum of n terms, in any order) + 16 kUnit half_j
// (half_j itself, the subtraction, and the centring of j) + 5 kUnit half_i (the centring of i).
struct Ball {
  std::vector<float> data;
  std::vector<float> reach;     // |c|
  std::vector<float> half;      // |c|^2 / 2
  std::vector<float> low_half;  // half less its own error
  std::vector<float> doubt;     // |c| (n + 8) 1.05 kUnit
};

Ball unit_ball(const Points& points) {
  const std::size_t n = points.count;
  Ball ball;
  ball.data.resize(points.data.size());
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const float* row = points.row(i);
    double sum = 0;
    for (std::size_t v = 0; v < points.values; ++v) {
      const double c = double(row[v]) - points.mean[v];
      sum += c * c;
    }
    largest = std::max(largest, sum);
  }
  const double scale = largest > 0 ? std::exp2(-std::ceil(std::log2(largest) / 2 + 0.01)) : 1;
  for (std::size_t i = 0; i < n; ++i) {
    const float* row = points.row(i);
    float* out = ball.data.data() + i * points.values;
    double sum = 0;
    for (std::size_t v = 0; v < points.values; ++v) {
      out[v] = float((double(row[v]) - points.mean[v]) * scale);
      sum += double(out[v]) * double(out[v]);
    }
    ball.reach.push_back(float(std::sqrt(sum)));
    ball.half.push_back(float(sum / 2));
    ball.low_half.push_back(float(sum / 2 * (1 - 16 * kUnit) - kTiny));
    ball.doubt.push_back(float(std::sqrt(sum) * double(points.values + 8) * 1.05 * kUnit));
  }
  return ball;
}

// The first chunk from `j` on that holds a point not beyond `limit`, or what is left after the last
// whole chunk. `near`: a byte for each point of that chunk, 1 where it is such a point.
TAILOR_CLONES std::size_t next_near(const float* dots, const float* half, const float* doubt,
                                    float reach, float limit, std::size_t j, std::size_t count,
                                    std::uint64_t* near) {
  for (; j + kChunk <= count; j += kChunk) {
    std::uint8_t flags[kChunk];
    for (std::size_t l = 0; l < kChunk; ++l)
      flags[l] = (half[j + l] - dots[j + l]) - reach * doubt[j + l] <= limit;
    std::memcpy(near, flags, kChunk);
    if ((near[0] | near[1] | near[2] | near[3]) != 0) break;
  }
  return j;
}

struct Candidate {
  float low = 0;  // R is not below
  std::uint32_t index = 0;
};

struct Measured {
  float distance = 0;
  std::uint32_t index = 0;
  bool operator<(const Measured& other) const {
    return distance != other.distance ? distance < other.distance : index < other.index;
  }
};

// What may still be among the k nearest of one point. A candidate is dropped once k others are
// certainly nearer.
class Shortlist {
 public:
  Shortlist(const Ball& ball, int k) : ball_(ball), k_(std::size_t(k)) {}

  void start(std::size_t point) {
    point_ = point;
    candidates_.clear();
    capacity_ = std::max<std::size_t>(3 * k_, 128);
    limit_ = std::numeric_limits<float>::infinity();
  }

  // `dots`: of the point with points first, first + 1, ...
  void scan(const float* dots, std::size_t first, std::size_t count) {
    const float reach = ball_.reach[point_];
    const float* half = ball_.low_half.data() + first;
    const float* doubt = ball_.doubt.data() + first;
    std::size_t j = 0;
    std::uint64_t near[kChunk / 8];  // a byte for each point
    while ((j = next_near(dots, half, doubt, reach, limit_, j, count, near)) + kChunk <= count) {
      for (std::size_t l = 0; l < kChunk; l += 8) {
        for (std::uint64_t left = near[l / 8]; left != 0; left &= left - 1) {
          const std::size_t at = j + l + std::size_t(std::countr_zero(left)) / 8;
          add((half[at] - dots[at]) - reach * doubt[at], first + at);
        }
      }
      if (candidates_.size() >= capacity_) shorten();
      j += kChunk;
    }
    for (; j < count; ++j) {
      const float low = (half[j] - dots[j]) - reach * doubt[j];
      if (low <= limit_) add(low, first + j);
    }
  }

  // The k nearest, measured by subtraction.
  void finish(const Points& points, std::span<std::uint32_t> index, std::span<float> distance) {
    shorten();
    measured_.clear();
    for (const Candidate& c : candidates_) {
      measured_.push_back({distance_to(points, c.index), c.index});
    }
    const auto end = measured_.begin() + std::ptrdiff_t(k_);
    std::nth_element(measured_.begin(), end - 1, measured_.end());
    std::sort(measured_.begin(), end);
    for (std::size_t m = 0; m < k_; ++m) {
      index[m] = measured_[m].index;
      distance[m] = measured_[m].distance;
    }
  }

 private:
  void add(float low, std::size_t index) {
    if (index != point_) candidates_.push_back({low, std::uint32_t(index)});
  }

  double high(const Candidate& c) const {  // R is not above
    return double(c.low) + 2 * (double(ball_.reach[point_]) * double(ball_.doubt[c.index]) +
                                16 * kUnit * double(ball_.half[c.index]) + kTiny);
  }

  void shorten() {
    if (candidates_.size() > k_) {
      highs_.clear();
      for (const Candidate& c : candidates_) highs_.push_back(high(c));
      const auto kth = highs_.begin() + std::ptrdiff_t(k_ - 1);
      std::nth_element(highs_.begin(), kth, highs_.end());
      // The rest is for this point's own centring, and for distances that only round to the same.
      const double rest = 32 * kUnit * (double(ball_.half[point_]) + std::abs(*kth)) + kTiny;
      limit_ = float(*kth + rest);
      std::erase_if(candidates_, [&](const Candidate& c) { return c.low > limit_; });
    }
    capacity_ = std::max(capacity_, 2 * candidates_.size());  // equal distances may be many
  }

  float distance_to(const Points& points, std::size_t other) const {
    return float(std::sqrt(squared_distance(points.row(point_), points.row(other), points.values)));
  }

  const Ball& ball_;
  std::size_t k_;
  std::size_t point_ = 0;
  std::size_t capacity_ = 0;
  float limit_ = 0;
  std::vector<Candidate> candidates_;
  std::vector<double> highs_;
  std::vector<Measured> measured_;
};

// The shortlists of one block of points among all.
void search_block(const Points& points, const Ball& ball, std::size_t first,
                  std::vector<Shortlist>& lists, std::vector<float>& dots) {
  const std::size_t rows = std::min(kRows, points.count - first);
  const auto values = std::int64_t(points.values);
  for (std::size_t r = 0; r < rows; ++r) lists[r].start(first + r);
  for (std::size_t other = 0; other < points.count; other += kColumns) {
    const std::size_t columns = std::min(kColumns, points.count - other);
    multiply_transposed(ball.data.data() + first * points.values, values,
                        ball.data.data() + other * points.values, values, dots.data(), kColumns,
                        std::int64_t(rows), std::int64_t(columns), values);
    for (std::size_t r = 0; r < rows; ++r) lists[r].scan(&dots[r * kColumns], other, columns);
  }
}

}  // namespace

void for_each_neighbours(std::span<const float> data, std::size_t count, int k, Engine& engine,
                         const OnNeighbours& on_neighbours) {
  const Points points = points_around_mean(data, count);
  if (count == 1) throw bad_input("a single point has no neighbours");
  if (k < 1 || std::size_t(k) >= count) {
    throw bad_input(
        fmt::format("{} points have 1 to {} neighbours each, not {}", count, count - 1, k));
  }
  const Ball ball = unit_ball(points);
  struct Scratch {
    std::vector<Shortlist> lists;
    std::vector<float> dots;
    std::vector<std::uint32_t> index;
    std::vector<float> distance;
  };
  std::vector<Scratch> scratch(std::size_t(engine.threads()));
  const int blocks = int((count + kRows - 1) / kRows);
  engine.team().share_out(blocks, 1, [&](int begin, int end, int worker) {
    Scratch& own = scratch[std::size_t(worker)];
    if (own.lists.empty()) own.lists = std::vector<Shortlist>(kRows, Shortlist(ball, k));
    own.dots.resize(kRows * kColumns);
    own.index.resize(std::size_t(k));
    own.distance.resize(std::size_t(k));
    for (auto first = std::size_t(begin) * kRows; first < std::min(count, std::size_t(end) * kRows);
         first += kRows) {
      search_block(points, ball, first, own.lists, own.dots);
      for (std::size_t point = first; point < std::min(count, first + kRows); ++point) {
        own.lists[point - first].finish(points, own.index, own.distance);
        on_neighbours(point, own.index, own.distance, worker);
      }
    }
  });
}

Neighbours nearest_neighbours(std::span<const float> data, std::size_t count, int k,
                              Engine& engine) {
  Neighbours out{count, k, {}, {}};
  const auto each = std::size_t(std::max(k, 0));
  out.index.resize(count * each);
  out.distance.resize(count * each);
  for_each_neighbours(data, count, k, engine,
                      [&](std::size_t point, std::span<const std::uint32_t> index,
                          std::span<const float> distance, int) {
                        std::ranges::copy(index, out.index.begin() + std::ptrdiff_t(point * each));
                        std::ranges::copy(distance,
                                          out.distance.begin() + std::ptrdiff_t(point * each));
                      });
  return out;
}

}  // namespace tailor::internal
