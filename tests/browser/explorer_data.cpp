#include <algorithm>
#include <cmath>
#include <deque>

#include "tests/browser/small_set.hpp"

namespace tailor::internal::browser {
namespace {

constexpr int kSteps = 11;
constexpr std::size_t kFirstIndex = 1000;  // rows of a slice keep their numbers

// From a heap to one cluster for each class, on a circle (a ring in space for 3 dimensions).
Embedding drawn_map(const SmallSet& set, const std::string& name, int dimensions, double turn) {
  Embedding map;
  map.name = name;
  map.method = "t-SNE, perplexity 30, 500 steps, seed 1";
  map.dimensions = dimensions;
  map.points = set.points;
  for (int step = 0; step < kSteps; ++step) {
    MapFrame frame;
    frame.step = step * 50;
    frame.kl = 3.0 / (1 + step);
    const double way = double(step) / (kSteps - 1);
    for (std::size_t point = 0; point < set.points; ++point) {
      const double angle = turn + 2 * M_PI * label_of(set, point) / double(set.names.size());
      const double centre[] = {std::sin(angle), std::cos(angle), std::sin(3 * angle)};
      for (int d = 0; d < dimensions; ++d) {
        const double scatter = noise(std::uint32_t(10 + d), point);
        frame.coordinates.push_back(float(40 * way * centre[d] + (2 + 8 * way) * scatter));
      }
    }
    map.frames.push_back(frame);
  }
  map.quality = {map.frames.back().kl, 0.983, 0.41, 0.912, 0.903, int(set.points)};
  return map;
}

// Ten others, most of them of the same class, drawn in a way that takes no time.
Neighbours drawn_neighbours(const SmallSet& set) {
  Neighbours neighbours;
  neighbours.points = set.points;
  neighbours.k = int(std::min<std::size_t>(10, set.points - 1));
  for (std::size_t point = 0; point < set.points; ++point) {
    std::vector<std::size_t> others;
    for (std::size_t j = 1; others.size() < std::size_t(neighbours.k); ++j) {
      const std::size_t step = j % 4 == 0 || j > set.points ? j : j * set.names.size();
      const std::size_t other = (point + step) % set.points;
      const bool known = std::find(others.begin(), others.end(), other) != others.end();
      if (other != point && !known) others.push_back(other);
    }
    for (const std::size_t other : others) {
      neighbours.index.push_back(std::uint32_t(other));
      neighbours.distance.push_back(float(neighbours.distance.size() % 10));
    }
  }
  return neighbours;
}

CheckedImage checked_image(const SmallSet& set, std::size_t point) {
  return {point % 5 == 0, std::uint32_t(kFirstIndex + point), label_of(set, point),
          drawn_pixels(set, point)};
}

DataCheck drawn_check(const SmallSet& set) {
  DataCheck check;
  const std::size_t classes = set.names.size();
  for (std::size_t label = 0; label < classes; ++label) {
    CheckedClass portrait;
    portrait.train = std::int64_t(set.points / classes * 4 / 5);
    portrait.test = std::int64_t(set.points / classes) - portrait.train;
    portrait.mean = drawn_pixels(set, label);
    for (std::size_t i = 0; i < 8; ++i) {
      portrait.typical.push_back(checked_image(set, label + i * classes));
      portrait.unusual.push_back(checked_image(set, label + (i + 1) * classes));
    }
    check.classes.push_back(portrait);
  }
  for (std::size_t i = 0; i < 6; ++i) {
    check.equal.push_back({checked_image(set, i), checked_image(set, i), 0});
    check.equal.back().b.index += std::uint32_t(5 * classes);
    check.near.push_back(
        {checked_image(set, i), checked_image(set, i + classes), 100.0 + double(i)});
    CheckedLabel label;
    label.image = checked_image(set, 3 + 10 * i);
    label.suspect = {std::uint32_t(3 + 10 * i),
                     label.image.label,
                     int((label.image.label + 1) % int(classes)),
                     0.02,
                     0.95,
                     true};
    check.labels.push_back(label);
  }
  check.equal_count = check.near_count = 6;
  check.equal_across = 2;
  check.near_across = 1;
  check.near_threshold = 120;
  check.label_count = 6;
  check.label_source = "out-of-fold predictions of 5 folds, accuracy 90.0 %";
  return check;
}

}  // namespace

ExplorerData explorer_data(const SmallSet& set) {
  static std::deque<Dataset> kept;  // the records read their images in place
  Dataset& images = kept.emplace_back();
  ExplorerData data;
  data.title = "Discs of " + set.names[0];
  data.subtitle = std::to_string(set.points) + " images, " + to_string(set.shape) + ", " +
                  std::to_string(set.names.size()) + " classes";
  images.class_names = set.names;
  images.shape = set.shape;
  const std::vector<float> probabilities = drawn_probabilities(set);
  const std::size_t classes = set.names.size();
  for (std::size_t point = 0; point < set.points; ++point) {
    const std::vector<std::uint8_t> pixels = drawn_pixels(set, point);
    images.pixels.append(pixels);
    images.labels.push_back(label_of(set, point));
    data.in_test.push_back(point % 5 == 0);
    images.origin.push_back(std::uint32_t(kFirstIndex + point));
    const auto row = probabilities.begin() + std::ptrdiff_t(point * classes);
    const auto best = std::max_element(row, row + std::ptrdiff_t(classes));
    data.predicted.push_back(std::uint8_t(best - row));
    data.confidence.push_back(*best);
  }
  data.points = all_rows(images);
  data.maps = {drawn_map(set, "raw pixels", 2, 0), drawn_map(set, "learned features", 2, 1),
               drawn_map(set, "raw pixels in space", 3, 2)};
  data.neighbours.assign(data.maps.size(), drawn_neighbours(set));
  data.check = drawn_check(set);
  data.provenance = {{"seed", "1"}, {"command", "tailor data embed " + set.names[0]}};
  return data;
}

}  // namespace tailor::internal::browser
