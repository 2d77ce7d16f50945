// What an experiment works on, and where.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tailor/data/dataset.hpp"
#include "tailor/data/directory.hpp"
#include "tailor/data/ready_part.hpp"
#include "tailor/study/experiment/experiment.hpp"
#include "tailor/study/observer.hpp"

namespace tailor::internal {

// experiment.out, or runs/<name>.
std::filesystem::path run_folder(const Experiment& experiment);

// The images of one split as the net sees them: all, or a stratified slice of data.train_limit or
// data.test_limit (the same slice for every seed). Made ready and kept where that is work
// (ready_data.hpp), on so many threads, 0 = all cores. Throws bad_input.
struct SetPart {
  Dataset set;
  std::size_t of = 0;              // images of the whole split
  std::vector<std::string> files;  // of the whole split's pictures, below the root
  std::vector<BadFile> bad;        // left out
};
SetPart load_part(const DataOptions& data, Split split, int threads = 0,
                  const Observer& observer = {});
Dataset load_set(const Experiment& experiment, Split split, const Observer& observer = {});
Dataset load_set(const DataOptions& data, Split split);

// Of both splits, whole.
DataIdentity identify(const DataOptions& data, int threads = 0, const Observer& observer = {});

// Shape and names of the classes of the training images.
Dataset load_outline(const DataOptions& data);

// Whether there are such images, given or cut off.
bool has_split(const DataOptions& data, Split split);

}  // namespace tailor::internal
