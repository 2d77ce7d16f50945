// A folder of pictures for each class, with or without folders for the splits above:
//   cats/1.jpg, dogs/2.jpg      or      train/cats/1.jpg, test/cats/3.jpg, val/dogs/4.jpg
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/core/folder_entries.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/class_names.hpp"
#include "tailor/data/readers/folder_files.hpp"
#include "tailor/data/readers/names.hpp"
#include "tailor/data/readers/source.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

struct ClassFolder {
  std::string name;
  std::vector<FolderFile> files;
};

std::vector<ClassFolder> class_folders(const fs::path& root, const std::string& below) {
  std::vector<ClassFolder> classes;
  for (const FolderEntry& entry : folder_entries(root / below)) {
    if (is_left_out(entry.name) || entry.kind != PathKind::kFolder) continue;
    ClassFolder& found = classes.emplace_back();
    found.name = entry.name;
    found.files = files_below(root, below.empty() ? entry.name : below + "/" + entry.name);
  }
  return classes;
}

std::size_t count_files(const std::vector<ClassFolder>& classes) {
  std::size_t count = 0;
  for (const ClassFolder& one : classes) count += one.files.size();
  return count;
}

void check_classes(const fs::path& folder, const std::vector<ClassFolder>& classes) {
  std::vector<std::string> names;
  for (const ClassFolder& one : classes) {
    if (one.files.empty()) {
      throw bad_input(
          fmt::format("{}: the class '{}' has no pictures; fill its folder or remove it",
                      printable(folder.string()), printable(one.name)));
    }
    names.push_back(one.name);
  }
  check_class_names(names, [&](std::size_t) { return printable(folder.string()); });
  check_spellings(names, printable(folder.string()));
}

// Every class of a training set has pictures; `known` numbers them.
SourcePart part_of(const fs::path& folder, const std::vector<ClassFolder>& classes,
                   const std::vector<std::string>& known) {
  SourcePart part;
  part.set.class_names = known;
  for (const ClassFolder& one : classes) {
    const auto at = std::ranges::find(known, one.name);
    if (at == known.end()) {
      if (one.files.empty()) continue;
      throw bad_input(
          fmt::format("{}: the class '{}' is not among those of the training images ({})",
                      printable(folder.string()), printable(one.name), printable(few_of(known))));
    }
    part.set.labels.insert(part.set.labels.end(), one.files.size(), Label(at - known.begin()));
    for (const FolderFile& file : one.files) {
      part.files.push_back(file.path);
      part.stamps.push_back(fmt::format("{} {}", file.bytes, file.changed_ns));
    }
  }
  return part;
}

void add_part(Source& source, Split split, SourcePart part) {
  source.pictures = true;
  source.understood += fmt::format("{} {} {}", source.parts.empty() ? ":" : ",", to_string(split),
                                   grouped(double(part.files.size())));
  const auto kept = std::make_shared<const SourcePart>(std::move(part));
  source.parts[split] = [kept] { return *kept; };
}

std::vector<std::string> names_of(const std::vector<ClassFolder>& classes) {
  std::vector<std::string> names;
  for (const ClassFolder& one : classes) names.push_back(one.name);
  return names;
}

// One folder in which there are folders: most likely the set lies one deeper.
[[noreturn]] void refuse_one_class(const fs::path& folder, const ClassFolder& only) {
  std::vector<std::string> deeper;
  for (const FolderEntry& entry : folder_entries(folder / only.name)) {
    if (entry.kind == PathKind::kFolder && !is_left_out(entry.name)) deeper.push_back(entry.name);
  }
  throw bad_input(fmt::format(
      "{}: only one folder, {}, which would be the only class{}", printable(folder.string()),
      printable(only.name),
      deeper.empty()
          ? "; there must be a folder of pictures for each of two classes"
          : fmt::format("; it holds folders itself ({}): did you mean {}?",
                        printable(few_of(deeper)), printable((folder / only.name).string()))));
}

Recognised open_split_folders(const fs::path& root, const std::map<Split, std::string>& splits,
                              const std::vector<std::string>& others) {
  const std::string& train = splits.at(Split::kTrain);
  const std::vector<ClassFolder> classes = class_folders(root, train);
  if (count_files(classes) == 0) return std::nullopt;
  if (classes.size() == 1) refuse_one_class(root / train, classes.front());
  check_classes(root / train, classes);
  const std::vector<std::string> known = names_of(classes);
  Source source;
  source.root = root;
  source.understood = fmt::format("a folder of pictures for each of {} classes", known.size());
  for (const auto& [split, name] : splits) {
    SourcePart part =
        part_of(root / name, split == Split::kTrain ? classes : class_folders(root, name), known);
    if (part.files.empty()) {
      throw bad_input(
          fmt::format("{}: no pictures in folders of classes; remove it to have {} images "
                      "taken from the others",
                      printable((root / name).string()), to_string(split)));
    }
    add_part(source, split, std::move(part));
  }
  if (!others.empty())
    source.understood += fmt::format("; left out: {}", printable(few_of(others)));
  return source;
}

}  // namespace

Recognised open_picture_folder(const fs::path& root) {
  if (!is_folder(root)) return std::nullopt;
  std::map<Split, std::string> splits;
  std::vector<std::string> others;
  for (const FolderEntry& entry : folder_entries(root)) {
    if (entry.kind != PathKind::kFolder || is_left_out(entry.name)) continue;
    const std::optional<Split> split = split_named(entry.name);
    if (!split) {
      others.push_back(entry.name);
    } else if (const auto [same, is_new] = splits.emplace(*split, entry.name); !is_new) {
      throw bad_input(fmt::format("{}: both {} and {} hold {} images; keep one",
                                  printable(root.string()), same->second, entry.name,
                                  to_string(*split)));
    }
  }
  if (splits.contains(Split::kTrain)) return open_split_folders(root, splits, others);
  const std::vector<ClassFolder> classes = class_folders(root, "");
  if (count_files(classes) == 0) return std::nullopt;
  if (classes.size() == 1) refuse_one_class(root, classes.front());
  check_classes(root, classes);
  Source source;
  source.root = root;
  source.understood = fmt::format("a folder of pictures for each of {} classes", classes.size());
  add_part(source, Split::kTrain, part_of(root, classes, names_of(classes)));
  return source;
}

}  // namespace tailor::internal
