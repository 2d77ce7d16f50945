// A set of labelled images as somebody keeps it: a folder of pictures for each class, a list of
// files, arrays. Recognised by what is there, never by what it is called.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tailor/data/dataset.hpp"
#include "tailor/data/split.hpp"

namespace tailor::internal {

struct SourcePart {
  Dataset set;                      // labels and names of classes; of arrays, the pixels as well
  std::vector<std::string> files;   // of pictures: one each, below the root
  std::vector<std::string> stamps;  // one each, size and time; empty where nobody looked
  std::vector<std::string> groups;  // one each, as a column names them; empty where there is none
};

struct Source {
  std::filesystem::path root;  // of the files
  std::string understood;  // one line: "a folder of pictures for each of 3 classes: train 120, ..."
  bool mnist = false;      // the four files, read as they always were
  bool pictures = false;   // files that are to be decoded, of any size; else arrays
  // Whose change is a change of the set, besides the pictures.
  std::vector<std::filesystem::path> inputs;
  // One that is not split has a training part only. Reading one opens nothing of the others.
  std::map<Split, std::function<SourcePart()>> parts;

  bool has(Split split) const { return parts.contains(split); }
};

struct SourceOptions {
  std::string group_column;  // of lists of files; "" is the one called group, if there is one
};

// What is at `path`, a folder or one file of a set. Throws bad_input where nothing is recognised,
// with what was seen and what would be.
Source open_source(const std::filesystem::path& path, const SourceOptions& options = {});

// Each gives nothing where the place holds something else, and throws bad_input where it is
// recognised and broken.
using Recognised = std::optional<Source>;
Recognised open_mnist_files(const std::filesystem::path& path);
Recognised open_picture_folder(const std::filesystem::path& path);
Recognised open_tables(const std::filesystem::path& path, const SourceOptions& options);
Recognised open_npz(const std::filesystem::path& path);
Recognised open_cifar(const std::filesystem::path& path);

}  // namespace tailor::internal
