// The images that a run or a model was made from, wherever they lie by now, and whether they are
// the same.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "tailor/data/directory.hpp"
#include "tailor/study/model.hpp"
#include "tailor/study/run_files.hpp"

namespace tailor::internal {

// Where data may be that were called `dir` when `folder` was written: as they are called; where
// they lay then (data_dir in timings.json); as they are called from a folder above that one, since
// a project may have moved as a whole. Shows those that are there, each once, until one is `taken`.
void look_for_data(const std::string& dir, const std::filesystem::path& folder,
                   const std::function<bool(const std::string& place)>& taken);

struct FoundData {
  std::string dir;
  DataIdentity identity;
};

// For a run that is to go on with these images: those; where their folder is gone and the run was
// made from it, recorded_run_data(). Throws bad_input where nothing is there.
FoundData find_run_data(const Experiment& experiment, const RunFiles& files,
                        const Observer& observer);

// Of a run's folder: the first place that holds the images the run was made from, or, where none
// does, the folder that its experiment says.
FoundData recorded_run_data(const RunFiles& files);

// The data options of `model` with the first place that holds the images it was trained on, by the
// fingerprint in its card and that of the run it lies in. Throws bad_input where no place does.
DataOptions own_data(const Model& model);

// `model`'s own images where `dir` is empty, else what is in `dir`, all of it.
DataOptions data_for(const Model& model, const std::string& dir);

}  // namespace tailor::internal
