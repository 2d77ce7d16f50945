// Which images an experiment works on, and what the net sees of them: [data] and [image].
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tailor::internal {

// What data/recipe.hpp carries out.
struct ImageOptions {
  std::vector<int> size = {};  // height, width; empty = "auto": by the sizes of the training images
  int channels = 0;            // 1 gray, 3 RGB, 0 = RGB where any training image has colours
  std::string fit = "pad";     // pad | crop | stretch
  std::string filter = "bilinear";  // box | bilinear | bicubic
  // Red, green, blue; empty is white. No list that takes memory: where that fails in the middle of
  // a default, GCC 12 destroys the list twice.
  std::vector<int> background = {};
  bool upright = true;  // turned as EXIF says
};

struct DataOptions {
  std::string dir = "/usr/share/datasets/fashion-mnist";
  int train_limit = 0;  // a stratified slice of so many training images, 0 = all
  int test_limit = 0;
  std::vector<std::string> class_names = {};  // in label order; empty = as the folder names them
  // What is odd about the set, and so no part of what a model sees of other pictures.
  bool transpose = false;            // rows are columns, as in EMNIST
  bool invert = false;               // dark is bright
  std::string bad_files = "refuse";  // refuse | skip
  std::string group = "auto";        // auto | none | a column of the list
  double test_size = 0.15;           // share cut off to test on, where no test set is given
  double validation_size = 0;        // share cut off to validate on, where none is given
  std::uint64_t random_state = 0;    // of both cuts
  bool cache = true;                 // ready images are kept for the next time
  ImageOptions image = {};
};

}  // namespace tailor::internal
