// Which image is on which side, as a table: of sets whose images have names, or whose splits were
// cut here.
#pragma once

#include <string>
#include <vector>

#include "tailor/data/ready_part.hpp"
#include "tailor/data/split.hpp"
#include "tailor/study/experiment/experiment.hpp"
#include "tailor/study/observer.hpp"

namespace tailor::internal {

// split,index,label,class,group,path; "" for MNIST's four files, which say it themselves. Groups
// are those of the training images.
std::string split_csv(const DataOptions& data);

// path,reason.
std::string bad_files_csv(const std::vector<BadFile>& bad);

// For people: images and classes of every split, what was cut and by which groups.
struct SplitSummary {
  std::string understood;
  struct Part {
    Split split;
    bool cut = false;  // off the training images
    std::vector<std::int64_t> classes;
  };
  std::vector<Part> parts;
  std::vector<std::string> class_names;
  std::int64_t groups = 0, grouped = 0, largest = 0;
};
SplitSummary summarise_split(const DataOptions& data, const Observer& observer);

}  // namespace tailor::internal
