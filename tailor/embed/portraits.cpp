#include "tailor/embed/portraits.hpp"

#include <algorithm>
#include <tuple>

#include "tailor/embed/neighbours/neighbours.hpp"

namespace tailor::internal {

namespace {

constexpr int kNeighbours = 10;

using Members = std::vector<std::uint32_t>;

std::vector<std::uint8_t> mean_image(std::span<const std::uint8_t> images, std::size_t values,
                                     const Members& members) {
  std::vector<std::uint64_t> sum(values);
  for (const std::uint32_t m : members) {
    const std::uint8_t* image = &images[m * values];
    for (std::size_t v = 0; v < values; ++v) sum[v] += image[v];
  }
  std::vector<std::uint8_t> mean;
  const std::uint64_t n = std::max<std::size_t>(1, members.size());
  for (const std::uint64_t s : sum) mean.push_back(std::uint8_t((s + n / 2) / n));
  return mean;
}

std::vector<ClassStanding> ranking_of(std::span<const float> projected, std::size_t components,
                                      const Members& members, Engine& engine) {
  std::vector<ClassStanding> ranking;
  for (const std::uint32_t m : members) ranking.push_back({m, 0});
  const int k = std::min(kNeighbours, int(members.size()) - 1);
  if (k < 1 || components == 0) return ranking;
  std::vector<float> own;
  for (const std::uint32_t m : members) {
    const auto row = projected.subspan(m * components, components);
    own.insert(own.end(), row.begin(), row.end());
  }
  const Neighbours neighbours = nearest_neighbours(own, members.size(), k, engine);
  for (std::size_t i = 0; i < members.size(); ++i) {
    double sum = 0;
    for (int m = 0; m < k; ++m)
      sum += double(neighbours.distance[i * std::size_t(k) + std::size_t(m)]);
    ranking[i].score = float(sum / k);
  }
  std::ranges::sort(ranking, {},
                    [](const ClassStanding& s) { return std::tuple(s.score, s.point); });
  return ranking;
}

}  // namespace

std::vector<ClassPortrait> class_portraits(std::span<const std::uint8_t> images,
                                           std::span<const float> projected,
                                           std::span<const Label> labels, int classes,
                                           Engine& engine) {
  const auto size = std::size_t(classes);
  std::vector<Members> members(size);
  for (std::size_t i = 0; i < labels.size(); ++i) members[labels[i]].push_back(std::uint32_t(i));
  const std::size_t points = std::max<std::size_t>(1, labels.size());
  std::vector<ClassPortrait> portraits;
  for (int c = 0; c < classes; ++c) {
    const Members& own = members[std::size_t(c)];
    portraits.push_back({c, mean_image(images, images.size() / points, own),
                         ranking_of(projected, projected.size() / points, own, engine)});
  }
  return portraits;
}

}  // namespace tailor::internal
