#include "tailor/study/asked_images.hpp"

#include <fmt/format.h>

#include <utility>

#include "tailor/core/file.hpp"
#include "tailor/core/standard_input.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/readers/folder_files.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/image_source.hpp"
#include "tailor/study/own_data.hpp"

namespace tailor::internal {

namespace fs = std::filesystem;

std::vector<Asked> asked_sources(const std::vector<std::string>& words) {
  std::vector<Asked> asked;
  for (const std::string& source : words) {
    try {
      if (source == "-") {
        for (const std::string& line : lines_of_standard_input()) {
          if (!line.empty()) asked.push_back({line, true});
        }
      } else if (is_folder(source)) {
        for (const FolderFile& file : files_below(source, "")) {
          asked.push_back({(fs::path(source) / file.path).string(), true});
        }
      } else {
        const bool numbered = parse_image_source(source, true).has_value();
        const bool named = source.find(':') == std::string::npos && path_exists(source);
        asked.push_back({source, !numbered || named});
      }
    } catch (const Error& error) {
      asked.push_back({source, true, {}, "", error});
    }
  }
  return asked;
}

AskedImages::AskedImages(const Model& model, std::string dir, Oddities odd)
    : model_(model), dir_(std::move(dir)), odd_(odd) {}

const Dataset& AskedImages::split(bool test) {
  std::optional<Dataset>& set = sets_[test];
  std::optional<Error>& error = errors_[test];
  if (error) throw *error;
  if (set) return *set;
  try {
    DataOptions data = data_for(model_, dir_);
    data.train_limit = data.test_limit = 0;  // a number is a place in the file
    Dataset read = load_set(data, test ? Split::kTest : Split::kTrain);
    check_fits(model_, read, data.dir);
    return set.emplace(std::move(read));
  } catch (const Error& thrown) {
    throw error.emplace(thrown);
  }
}

void AskedImages::read_known(Asked& asked, Dataset& images) {
  const ImageSource wanted = *parse_image_source(asked.source, true);
  const Dataset& set = split(wanted.test);
  check_index(wanted, set, asked.source);
  images.pixels.append(set.image(wanted.index));
  images.labels.push_back(0);
  asked.true_class = images.class_names[set.labels[wanted.index]];
  asked.row = images.size() - 1;
}

void AskedImages::read_files(std::span<Asked> some, Engine& engine, const Observer& observer,
                             Dataset& images) const {
  std::vector<std::string> files;
  std::vector<Asked*> wanted;
  for (Asked& one : some) {
    if (!one.is_file || one.error) continue;
    files.push_back(one.source);
    wanted.push_back(&one);
  }
  const Recipe recipe = recipe_of(model_);
  const std::size_t each = recipe.shape.size();
  std::vector<std::uint8_t> pixels(files.size() * each);
  const auto told = [&](std::size_t done, std::size_t all) {
    observer.work_on(fmt::format("reading pictures: {} of {}", done, all));
  };
  const FileErrors errors = decode_pictures(recipe, odd_, {}, files, pixels, engine.team(), told);
  std::size_t good = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (errors[i]) {
      const std::string name = printable(files[i]), said = errors[i]->what();
      const bool named = said.find(name) != std::string::npos;
      wanted[i]->error.emplace(errors[i]->kind(), named ? said : fmt::format("{}: {}", name, said));
      continue;
    }
    if (good < i) std::copy_n(pixels.data() + i * each, each, pixels.data() + good * each);
    wanted[i]->row = good++;
  }
  pixels.resize(good * each);
  images.pixels = std::move(pixels);
  images.labels.resize(good);
}

Dataset AskedImages::read(std::span<Asked> some, Engine& engine, const Observer& observer) {
  Dataset images{model_.spec.input, {}, {}, model_.class_names, {}, {}};
  read_files(some, engine, observer, images);
  for (Asked& one : some) {
    if (one.is_file || one.error) continue;
    try {
      read_known(one, images);
    } catch (const Error& error) {
      one.error = error;
    }
  }
  return images;
}

}  // namespace tailor::internal
