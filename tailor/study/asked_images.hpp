// The pictures that somebody wants answers for: files, folders of them, paths on standard input,
// and images of the model's own data by number.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/data/dataset.hpp"
#include "tailor/data/decode_pictures.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/study/model.hpp"
#include "tailor/study/observer.hpp"

namespace tailor::internal {

// What came of one source: a row of the images to look at, or an error.
struct Asked {
  std::string source;
  bool is_file = false;
  std::optional<std::size_t> row = {};
  std::string true_class = {};  // "" = unknown
  std::optional<Error> error = {};
};

// Every source on its own: a bad one must not cost the answers to the others. A folder stands for
// its files, "-" for the paths on standard input, one a line, "test:N" and "train:N" for an image
// of the model's data.
std::vector<Asked> asked_sources(const std::vector<std::string>& words);

class AskedImages {
 public:
  // `dir` names the data where they are not the model's own, or is "". The model outlives this.
  AskedImages(const Model& model, std::string dir, Oddities odd);

  // As the model sees them, with a row or an error for each of `some`. The classes are the model's;
  // the labels say nothing.
  Dataset read(std::span<Asked> some, Engine& engine, const Observer& observer);

 private:
  const Dataset& split(bool test);
  void read_known(Asked& asked, Dataset& images);
  void read_files(std::span<Asked> some, Engine& engine, const Observer& observer,
                  Dataset& images) const;

  const Model& model_;
  std::string dir_;
  Oddities odd_;
  // The model's data, read where the first source names an image of them. What cannot be read is
  // not tried again for the next.
  std::optional<Dataset> sets_[2];
  std::optional<Error> errors_[2];
};

}  // namespace tailor::internal
