#include "tailor/embed/neighbours/near_pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "tailor/core/error.hpp"
#include "tailor/core/target/clones.hpp"
#include "tailor/embed/points.hpp"

namespace tailor::internal {

namespace {

constexpr std::size_t kStretch = 256;  // values between two looks at the limit
constexpr std::uint64_t kFar = std::numeric_limits<std::uint64_t>::max();

struct Images {
  const std::uint8_t* data;
  std::size_t count;
  std::size_t values;
  const std::uint8_t* row(std::size_t i) const { return data + i * values; }
};

Images images_of(std::span<const std::uint8_t> bytes, std::size_t count) {
  if (count == 0 || bytes.empty() || bytes.size() % count != 0) {
    throw bad_input(fmt::format("{} bytes are not {} images", bytes.size(), count));
  }
  return {bytes.data(), count, bytes.size() / count};
}

// Of at most kStretch values: 256 squares of 255 fit.
TAILOR_CLONES std::int32_t squares(const std::uint8_t* p, const std::uint8_t* q, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += (p[i] - q[i]) * (p[i] - q[i]);
  return sum;
}

// The squared distance, or some number beyond `limit` where it is beyond.
std::uint64_t squared_byte_distance(const Images& images, std::size_t a, std::size_t b,
                                    std::uint64_t limit) {
  const std::uint8_t* p = images.row(a);
  const std::uint8_t* q = images.row(b);
  std::uint64_t sum = 0;
  for (std::size_t v = 0; v < images.values && sum <= limit; v += kStretch) {
    sum += std::uint64_t(squares(p + v, q + v, std::min(kStretch, images.values - v)));
  }
  return sum;
}

// Two images nearer than `threshold` in pixels are nearer than this when projected. Rounding: each
// projected value is a sum of n products and errs by at most (n + 2) 2^-24 |x - mean|, and that is
// at most 255 sqrt(n), the mean being among the images; so for each component and both images. The
// factor is for directions that are orthonormal but for their own rounding.
double projected_bound(double threshold, std::size_t values, std::size_t components) {
  const double n = double(values);
  const double each = (n + 2) * 0x1p-24 * 255 * std::sqrt(n);
  return threshold * (1 + 1e-4) + 2 * each * std::sqrt(double(components));
}

class Search {
 public:
  Search(const Images& images, std::span<const float> projected, const Neighbours& neighbours,
         double threshold)
      : images_(images),
        projected_(projected),
        components_(projected.size() / images.count),
        neighbours_(neighbours),
        threshold_(threshold),
        limit_(std::uint64_t(threshold * threshold) + 1),
        bound_(projected_bound(threshold, images.values, components_)) {}

  // Of image a with those after it: each pair is found once.
  void pairs_of(std::size_t a, std::vector<NearPair>& out) const {
    const auto k = std::size_t(neighbours_.k);
    const float* distance = &neighbours_.distance[a * k];
    if (double(distance[k - 1]) <= bound_ && k + 1 < images_.count) {
      for (std::size_t b = a + 1; b < images_.count; ++b) {
        if (projected_distance(a, b) <= bound_) compare(a, b, out);
      }
      return;
    }
    for (std::size_t m = 0; m < k && double(distance[m]) <= bound_; ++m) {
      const std::size_t b = neighbours_.index[a * k + m];
      if (b > a) compare(a, b, out);
    }
  }

 private:
  void compare(std::size_t a, std::size_t b, std::vector<NearPair>& out) const {
    const std::uint64_t squared = squared_byte_distance(images_, a, b, limit_);
    const double distance = std::sqrt(double(squared));
    if (squared == 0 || distance > threshold_) return;
    out.push_back({std::uint32_t(a), std::uint32_t(b), float(distance)});
  }

  double projected_distance(std::size_t a, std::size_t b) const {
    return std::sqrt(
        squared_distance(&projected_[a * components_], &projected_[b * components_], components_));
  }

  Images images_;
  std::span<const float> projected_;
  std::size_t components_;
  const Neighbours& neighbours_;
  double threshold_;
  std::uint64_t limit_;
  double bound_;
};

std::tuple<float, std::uint32_t, std::uint32_t> place_of(const NearPair& pair) {
  return {pair.distance, pair.a, pair.b};
}

void sort_pairs(std::vector<NearPair>& pairs) {
  std::ranges::sort(pairs, {}, place_of);
}

void keep_nearest(std::vector<NearPair>& pairs, std::size_t most) {
  if (pairs.size() <= most) return;
  std::ranges::nth_element(pairs, pairs.begin() + std::ptrdiff_t(most), {}, place_of);
  pairs.resize(most);
}

// What one worker found: all counted, the nearest kept.
struct FoundPairs {
  std::vector<NearPair> nearest;
  std::int64_t count = 0;
};

}  // namespace

NearPairs near_pairs(std::span<const std::uint8_t> bytes, std::size_t count,
                     std::span<const float> projected, const Neighbours& neighbours,
                     double threshold, Engine& engine, std::size_t most) {
  const Images images = images_of(bytes, count);
  NearPairs near{threshold, {}, 0};
  if (!(threshold > 0)) return near;
  const double farthest = 255 * std::sqrt(double(images.values));
  const Search search(images, projected, neighbours, std::min(threshold, farthest));
  std::vector<FoundPairs> found(std::size_t(engine.threads()));
  engine.team().share_out(int(images.count), 16, [&](int first, int last, int worker) {
    FoundPairs& own = found[std::size_t(worker)];
    for (int a = first; a < last; ++a) {
      const std::size_t before = own.nearest.size();
      search.pairs_of(std::size_t(a), own.nearest);
      own.count += std::int64_t(own.nearest.size() - before);
      if (own.nearest.size() > most + most / 2) keep_nearest(own.nearest, most);
    }
  });
  for (const FoundPairs& own : found) {
    near.pairs.insert(near.pairs.end(), own.nearest.begin(), own.nearest.end());
    near.count += own.count;
  }
  keep_nearest(near.pairs, most);
  sort_pairs(near.pairs);
  return near;
}

// 70,000 black images are 2.4 billion pairs that say one thing.
constexpr std::size_t kLargestGroup = 100;

NearPairs equal_pairs(std::span<const std::uint8_t> bytes, std::size_t count) {
  const Images images = images_of(bytes, count);
  std::unordered_map<std::string_view, std::vector<std::uint32_t>> groups;
  NearPairs equal;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view image(reinterpret_cast<const char*>(images.row(i)), images.values);
    std::vector<std::uint32_t>& group = groups[image];
    const std::size_t paired = group.size() < kLargestGroup ? group.size() : 1;
    for (std::size_t m = 0; m < paired; ++m) {
      equal.pairs.push_back({group[m], std::uint32_t(i), 0});
    }
    if (group.size() < kLargestGroup) group.push_back(std::uint32_t(i));
  }
  sort_pairs(equal.pairs);
  equal.count = std::int64_t(equal.pairs.size());
  return equal;
}

double near_threshold(std::span<const std::uint8_t> bytes, const Neighbours& neighbours,
                      double share, Engine& engine) {
  const Images images = images_of(bytes, neighbours.points);
  const auto k = std::size_t(neighbours.k);
  std::vector<std::uint64_t> nearest(images.count, kFar);
  engine.team().share_out_each(int(images.count), [&](int image, int) {
    const auto i = std::size_t(image);
    for (std::size_t m = 0; m < k; ++m) {
      const std::uint64_t squared =
          squared_byte_distance(images, i, neighbours.index[i * k + m], nearest[i]);
      if (squared > 0) nearest[i] = std::min(nearest[i], squared);
    }
  });
  std::erase(nearest, kFar);
  if (nearest.empty()) return 0;
  const auto middle = nearest.begin() + std::ptrdiff_t(nearest.size() / 2);
  std::nth_element(nearest.begin(), middle, nearest.end());
  return share * std::sqrt(double(*middle));
}

}  // namespace tailor::internal
