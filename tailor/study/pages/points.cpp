#include "tailor/study/pages/points.hpp"

#include "tailor/data/folds.hpp"

namespace tailor::internal {
namespace {

void append(ImagePoints& points, const Dataset& set, bool test) {
  points.set.pixels.insert(points.set.pixels.end(), set.pixels.begin(), set.pixels.end());
  points.set.labels.insert(points.set.labels.end(), set.labels.begin(), set.labels.end());
  points.in_test.insert(points.in_test.end(), set.size(), std::uint8_t(test));
  for (std::uint32_t row = 0; row < set.size(); ++row) {
    points.rows.push_back(row);
    points.indices.push_back(set.number_of(row));
  }
}

}  // namespace

ImagePoints points_of(const Dataset* train, const Dataset* test) {
  const Dataset& named = train != nullptr ? *train : *test;
  ImagePoints points{{named.shape, {}, {}, named.class_names}, {}, {}, {}};
  points.set.pixels.reserve((train != nullptr ? train->pixels.size() : 0) +
                            (test != nullptr ? test->pixels.size() : 0));
  if (train != nullptr) append(points, *train, false);
  if (test != nullptr) append(points, *test, true);
  return points;
}

ImagePoints slice_of(const ImagePoints& all, std::size_t count, std::uint64_t seed) {
  ImagePoints slice{{all.set.shape, {}, {}, all.set.class_names}, {}, {}, {}};
  for (const std::uint32_t row : stratified_slice(all.set.labels, count, seed)) {
    const auto image = all.set.image(row);
    slice.set.pixels.insert(slice.set.pixels.end(), image.begin(), image.end());
    slice.set.labels.push_back(all.set.labels[row]);
    slice.in_test.push_back(all.in_test[row]);
    slice.rows.push_back(all.rows[row]);
    slice.indices.push_back(all.indices[row]);
  }
  return slice;
}

}  // namespace tailor::internal
