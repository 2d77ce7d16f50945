#include "tailor/data/readers/source.hpp"

#include <fmt/format.h>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/folder_entries.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/directory.hpp"
#include "tailor/data/readers/names.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWays =
    "a folder of pictures for each class, with or without train/ and test/ above "
    "(docs/your-data.md "
    "has them all: lists in CSV, NPZ, CIFAR, MNIST's four files); or get Fashion-MNIST with `apt "
    "install dataset-fashion-mnist`";

// What a folder holds that nothing recognised.
std::string contents_of(const fs::path& folder) {
  std::vector<std::string> folders, files;
  for (const FolderEntry& entry : folder_entries(folder)) {
    if (is_left_out(entry.name)) continue;
    (entry.kind == PathKind::kFolder ? folders : files).push_back(entry.name);
  }
  if (folders.empty() && files.empty()) return "nothing in it";
  std::string text;
  if (!folders.empty()) text = "folders " + few_of(folders);
  if (!files.empty()) text += (text.empty() ? "files " : "; files ") + few_of(files);
  return printable(text);
}

}  // namespace

Recognised open_mnist_files(const fs::path& path) {
  if (!holds_mnist_files(path)) return std::nullopt;
  Source source;
  source.root = path;
  source.understood = "MNIST's four files";
  source.mnist = true;
  for (const Split split : {Split::kTrain, Split::kTest}) {
    source.parts[split] = [path, split] { return SourcePart{load_split(path, split), {}, {}, {}}; };
  }
  return source;
}

Source open_source(const fs::path& path, const SourceOptions& options) {
  switch (kind_of(path)) {
    case PathKind::kNothing:
      throw bad_input(fmt::format("no data folder {}: give {}", printable(path.string()), kWays));
    case PathKind::kOther:
      throw bad_input(fmt::format("{} is neither a folder nor a file", printable(path.string())));
    case PathKind::kFile:
    case PathKind::kFolder:
      break;
  }
  if (auto found = open_mnist_files(path)) return *std::move(found);
  if (auto found = open_cifar(path)) return *std::move(found);
  if (auto found = open_npz(path)) return *std::move(found);
  std::optional<Error> why_no_folder;  // pictures of a list may lie in a folder, too
  try {
    if (auto found = open_picture_folder(path)) return *std::move(found);
  } catch (const Error& error) {
    why_no_folder = error;
  }
  if (auto found = open_tables(path, options)) return *std::move(found);
  if (why_no_folder) throw *why_no_folder;
  const bool folder = is_folder(path);
  throw bad_input(fmt::format("{}: no set of images is recognised{}; give {}",
                              printable(path.string()),
                              folder ? fmt::format(" ({})", contents_of(path)) : "", kWays));
}

}  // namespace tailor::internal
