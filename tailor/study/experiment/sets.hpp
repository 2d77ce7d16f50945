// What an experiment works on, and where.
#pragma once

#include <filesystem>

#include "tailor/data/dataset.hpp"
#include "tailor/data/directory.hpp"
#include "tailor/study/experiment/experiment.hpp"

namespace tailor::internal {

// experiment.out, or runs/<name>.
std::filesystem::path run_folder(const Experiment& experiment);

// The experiment's training or test images: the whole split, or its stratified slice of
// data.train_limit / data.test_limit images (the same slice for every seed).
Dataset load_set(const Experiment& experiment, Split split);
Dataset load_set(const DataOptions& data, Split split);

// The same, and how many images the whole split has.
struct SetPart {
  Dataset set;
  std::size_t of = 0;
};
SetPart load_part(const DataOptions& data, Split split);

}  // namespace tailor::internal
