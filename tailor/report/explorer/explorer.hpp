// The data explorer: one self-contained HTML file that shows every image as a point, moves the
// points from PCA to the map and from one map to another, and lists what is odd about the data. No
// network, no framework; payloads are inert text that the page's script unpacks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/data/rows.hpp"
#include "tailor/embed/records.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal {

// An image outside the scatter, with where it comes from.
struct CheckedImage {
  bool test = false;        // which split
  std::uint32_t index = 0;  // row in its split
  int label = 0;
  std::vector<std::uint8_t> pixels;  // height x width x channels
};

struct CheckedPair {
  CheckedImage a, b;
  double distance = 0;  // 0 = equal byte for byte
};

struct CheckedLabel {
  CheckedImage image;
  LabelSuspect suspect;
};

struct CheckedClass {
  std::int64_t train = 0;
  std::int64_t test = 0;
  std::vector<std::uint8_t> mean;
  std::vector<CheckedImage> typical;  // best first
  std::vector<CheckedImage> unusual;  // worst first
};

// What `tailor data check` found; lists hold the first of each ranking, counts are of all.
struct DataCheck {
  std::vector<CheckedClass> classes;               // by label
  std::vector<CheckedPair> equal;                  // byte for byte
  std::vector<CheckedPair> near;                   // nearest first, the equal ones left out
  std::int64_t equal_count = 0, equal_across = 0;  // across = one in train, one in test
  std::int64_t near_count = 0, near_across = 0;
  double near_threshold = 0;
  std::vector<CheckedLabel> labels;  // most suspect first; empty where no predictions were at hand
  std::int64_t label_count = 0;
  std::string label_source;  // "out-of-fold predictions of 5 folds, accuracy 90.1 %"
};

struct ExplorerData {
  std::string title;
  std::string subtitle;  // "70,000 images, 28x28x1, 10 classes"
  Rows points;           // their images, labels, classes and numbers are read where they lie
  // Columns, one entry per point.
  std::vector<std::uint8_t> in_test;   // 0 train, 1 test
  std::vector<Label> predicted;        // empty without a model
  std::vector<float> confidence;       // probability of the predicted class; empty without a model
  std::vector<Embedding> maps;         // of these points; 2 or 3 dimensions
  std::vector<Neighbours> neighbours;  // one per map: in the space it embeds (10 are shown)
  std::optional<DataCheck> check;
  std::vector<std::pair<std::string, std::string>> provenance;  // seed, versions, command
};

// A pure function of `data`: equal records give equal bytes. Images are lossless where the page
// stays within its budget (12 MB at 10,000 images, 40 MB at 70,000), JPEG of falling quality
// beyond.
std::string render_explorer(const ExplorerData& data);

}  // namespace tailor::internal
