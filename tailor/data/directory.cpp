#include "tailor/data/directory.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/folder_entries.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/class_names.hpp"
#include "tailor/data/idx.hpp"
#include "tailor/data/readers/names.hpp"
#include "tailor/data/release.hpp"

namespace tailor::internal {

namespace {

namespace fs = std::filesystem;

// What one of the four files may be called behind the set's own prefix, its usual name first. Most
// tools write "idx3" for colour images, too, some "idx4", and some archives have a dot where the
// original has a hyphen. QMNIST's labels are integers in eight columns.
std::vector<std::string> spellings(Split split, bool images) {
  using Words = std::vector<std::string_view>;
  const Words sets = split == Split::kTrain ? Words{"train"} : Words{"t10k", "test"};
  const Words kinds = images ? Words{"idx3-ubyte", "idx4-ubyte"} : Words{"idx1-ubyte", "idx2-int"};
  std::vector<std::string> names;
  for (const std::string_view set : sets) {
    for (const std::string_view kind : kinds) {
      for (const char joint : {'-', '.'}) {
        const std::string name =
            fmt::format("{}-{}{}{}", set, images ? "images" : "labels", joint, kind);
        names.insert(names.end(), {name, name + ".gz"});
      }
    }
  }
  return names;
}

// Where the files are, and what is before their names: "emnist-letters-", mostly nothing.
struct Place {
  fs::path folder;
  std::string prefix;
};

// Of a file of such a set, what is before its usual name.
std::optional<std::string> prefix_of(const std::string& name) {
  for (const Split split : {Split::kTrain, Split::kTest}) {
    for (const bool images : {true, false}) {
      for (const std::string& usual : spellings(split, images)) {
        if (name.ends_with(usual)) return name.substr(0, name.size() - usual.size());
      }
    }
  }
  return std::nullopt;
}

// Nothing where neither is there. A set without a prefix comes before those with one.
std::optional<Place> find_place(const fs::path& path) {
  const PathKind kind = kind_of(path);
  if (kind == PathKind::kFile) {
    const auto prefix = prefix_of(path.filename().string());
    if (!prefix) return std::nullopt;
    return Place{path.parent_path(), *prefix};
  }
  if (kind != PathKind::kFolder) return std::nullopt;
  std::vector<std::string> prefixes;
  for (const FolderEntry& entry : folder_entries(path)) {
    const auto prefix = prefix_of(entry.name);
    if (!prefix) continue;
    if (prefix->empty()) return Place{path, ""};
    if (prefixes.empty() || prefixes.back() != *prefix) prefixes.push_back(*prefix);
  }
  if (prefixes.empty()) return std::nullopt;
  if (prefixes.size() > 1) {
    throw bad_input(fmt::format("{}: several sets, {}; name one of a set's files",
                                printable(path.string()), printable(few_of(prefixes))));
  }
  return Place{path, prefixes[0]};
}

// Not what only has the name: a folder, an empty file that a broken download left, one that this
// user may not read.
bool is_readable_file(const fs::path& path) {
  try {
    return is_file(path) && size_of_file(path) > 0 && access(path.c_str(), R_OK) == 0;
  } catch (const Error&) {  // a loop of links, a folder that nobody may look into
    return false;
  }
}

// The first that can be read; where none can, the first that is there, whose reader says why.
fs::path find_file(const fs::path& path, Split split, bool images) {
  const Place place = find_place(path).value_or(Place{path, ""});
  const fs::path& dir = place.folder;
  std::vector<std::string> names = spellings(split, images);
  for (std::string& name : names) name = place.prefix + name;
  for (const std::string& name : names) {
    if (is_readable_file(dir / name)) return dir / name;
  }
  for (const std::string& name : names) {
    if (path_exists(dir / name)) return dir / name;
  }
  const std::string missing =
      is_folder(dir) ? fmt::format("no {} or {} in {}", names[0], names[1], printable(dir.string()))
                     : fmt::format("no data folder {}", printable(dir.string()));
  throw bad_input(fmt::format(
      "{}: give a folder in MNIST's layout with --data DIR (docs/your-data.md makes one "
      "of pictures), or get Fashion-MNIST with `apt install dataset-fashion-mnist`",
      missing));
}

Shape image_shape(const std::vector<int>& dims, const fs::path& path) {
  if (dims.size() == 1) {
    throw bad_input(fmt::format("{}: holds {} labels, not images; are images and labels swapped?",
                                path.string(), dims[0]));
  }
  if (dims.size() == 2) {
    throw bad_input(
        fmt::format("{}: images of {} values without height and width; write them as N x H x W",
                    path.string(), dims[1]));
  }
  const int channels = dims.size() == 4 ? dims[3] : 1;
  if (channels != 1 && channels != 3) {
    const bool first = dims[1] == 1 || dims[1] == 3;
    throw bad_input(fmt::format(
        "{}: images of {} channels (sizes N x H x W x C); only 1 and 3 are known{}", path.string(),
        channels,
        first ? fmt::format("; if the {} is that of the channels, write them last", dims[1]) : ""));
  }
  if (std::uint64_t(dims[1]) * std::uint64_t(dims[2]) > kMostPixels) {
    throw bad_input(fmt::format("{}: images of {} x {} pixels, more than {}", path.string(),
                                dims[1], dims[2], kMostPixels));
  }
  return {.channels = channels, .height = dims[1], .width = dims[2]};
}

// The first column of QMNIST's integers is the class.
std::vector<Label> read_integer_labels(const fs::path& path) {
  const IdxArray array = read_idx(path, IdxType::kIntegers);
  if (array.dims.size() != 3) {
    throw bad_input(fmt::format("{}: labels of {} dimensions instead of two", path.string(),
                                array.dims.size() - 1));
  }
  const std::size_t row = 4 * std::size_t(array.dims[1]);
  std::vector<Label> labels;
  for (std::size_t at = 0; at < array.values.size(); at += row) {
    const std::uint8_t* bytes = &array.values[at];
    const unsigned label = unsigned(bytes[2]) << 8 | bytes[3];
    if (bytes[0] != 0 || bytes[1] != 0 || label >= kMostClasses) {
      throw bad_input(
          fmt::format("{}: the label at index {} is no class", path.string(), at / row));
    }
    labels.push_back(Label(label));
  }
  return labels;
}

std::vector<Label> read_labels(const fs::path& path) {
  if (path.filename().string().find("idx2-int") != std::string::npos) {
    return read_integer_labels(path);
  }
  const IdxArray array = read_idx(path);
  if (array.dims.size() != 1) {
    throw bad_input(
        fmt::format("{}: holds {}-dimensional images, not labels; are images and labels swapped?",
                    path.string(), array.dims.size() - 1));
  }
  return {array.values.begin(), array.values.end()};
}

// 1 where classes are counted from there, as EMNIST's letters are, otherwise 0.
Label first_label(const std::vector<Label>& train_labels) {
  return std::ranges::min(train_labels) == 1 ? 1 : 0;
}

// `first` of them becomes 0. What is below it is no class; `path` says whose.
void count_from(Label first, std::vector<Label>& labels, const fs::path& path) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < first) {
      throw bad_input(fmt::format("{}: label {} at index {}, but the training set begins at {}",
                                  path.string(), labels[i], i, first));
    }
    labels[i] = Label(labels[i] - first);
  }
}

// The number of classes of a training set, all of which occur.
int count_classes(const std::vector<Label>& labels, const fs::path& path) {
  // One more than labels, so that a gap always ends the search.
  std::vector<bool> seen(kMostClasses + 1);
  for (const Label label : labels) seen[label] = true;
  const int classes = int(std::find(seen.begin(), seen.end(), false) - seen.begin());
  const auto beyond = std::ranges::find_if(labels, [&](Label label) { return label >= classes; });
  if (beyond != labels.end()) {
    throw bad_input(
        fmt::format("{}: label {} at index {}, but class {} never occurs; labels must be 0, 1, 2, "
                    "... without a gap",
                    path.string(), *beyond, beyond - labels.begin(), classes));
  }
  return classes;
}

void check_test_labels(const std::vector<Label>& labels, int classes, const fs::path& path) {
  const auto beyond = std::ranges::find_if(labels, [&](Label label) { return label >= classes; });
  if (beyond == labels.end()) return;
  throw bad_input(
      fmt::format("{}: label {} at index {}, but the training set has only the classes 0 to {}",
                  path.string(), *beyond, beyond - labels.begin(), classes - 1));
}

// `source` is what the message starts with: the file, or the option.
void check_count(const std::vector<std::string>& names, int classes, const std::string& source) {
  if (names.size() == std::size_t(classes)) return;
  throw bad_input(fmt::format("{}: {} names for {} classes; give one for each, in label order",
                              source, names.size(), classes));
}

std::vector<std::string> names_for(int classes, const fs::path& path) {
  std::vector<std::string> names = read_class_names(path);
  check_count(names, classes, path.string());
  return names;
}

std::vector<std::string> class_names(const fs::path& path, int classes,
                                     const std::vector<Label>& train_labels, Label first) {
  const fs::path given = find_place(path).value_or(Place{path, ""}).folder / "class_names.txt";
  if (path_exists(given)) return names_for(classes, given);
  if (release_of_labels(train_labels) != Release::kUnknown) {
    return {fashion_class_names().begin(), fashion_class_names().end()};
  }
  std::vector<std::string> names;
  for (int c = 0; c < classes; ++c) names.push_back(std::to_string(c + first));
  return names;
}

void load_images(Dataset& set, const fs::path& images, const fs::path& labels) {
  const std::vector<int> dims = read_idx_dims(images);  // before all the values are read
  set.shape = image_shape(dims, images);
  if (std::size_t(dims[0]) != set.labels.size()) {
    throw bad_input(fmt::format("{} holds {} images, but {} holds {} labels", images.string(),
                                dims[0], labels.string(), set.labels.size()));
  }
  set.pixels = read_idx(images).values;
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// One byte each where that is enough, as IDX files have it; else two, the lower first.
std::vector<std::uint8_t> label_bytes(const std::vector<Label>& labels) {
  if (std::ranges::all_of(labels, [](Label label) { return label < 256; })) {
    return {labels.begin(), labels.end()};
  }
  std::vector<std::uint8_t> bytes;
  for (const Label label : labels) {
    bytes.push_back(std::uint8_t(label));
    bytes.push_back(std::uint8_t(label >> 8));
  }
  return bytes;
}

std::string_view image_text(const Dataset& set, std::size_t i) {
  return {reinterpret_cast<const char*>(set.image(i).data()), set.shape.size()};
}

std::string release_name(const Dataset& train, const std::string& train_sum,
                         const std::string& test_sum) {
  const Release release = release_of_labels(train.labels);
  if (release == Release::kUnknown) return "";
  if (train_sum == fashion_train_fingerprint() && test_sum == fashion_test_fingerprint()) {
    return "Fashion-MNIST (current release)";
  }
  if (release == Release::kFashionFirst && train.shape == Shape{1, 28, 28}) {
    return "Fashion-MNIST (first release, replaced on 2017-08-31)";
  }
  return "Fashion-MNIST's labels with other images";
}

}  // namespace

bool holds_mnist_files(const fs::path& path) {
  return find_place(path).has_value();
}

Dataset load_split(const fs::path& dir, Split split) {
  const fs::path train_labels_file = find_file(dir, Split::kTrain, false);
  const fs::path train_images_file = find_file(dir, Split::kTrain, true);
  Dataset set;
  set.labels = read_labels(train_labels_file);
  const Label first = first_label(set.labels);
  count_from(first, set.labels, train_labels_file);
  const int classes = count_classes(set.labels, train_labels_file);
  set.class_names = class_names(dir, classes, set.labels, first);
  if (split == Split::kTrain) {
    load_images(set, train_images_file, train_labels_file);
    return set;
  }

  const fs::path labels_file = find_file(dir, Split::kTest, false);
  const fs::path images_file = find_file(dir, Split::kTest, true);
  set.labels = read_labels(labels_file);
  count_from(first, set.labels, labels_file);
  check_test_labels(set.labels, classes, labels_file);
  load_images(set, images_file, labels_file);
  const Shape train_shape = image_shape(read_idx_dims(train_images_file), train_images_file);
  if (set.shape != train_shape) {
    throw bad_input(fmt::format("{} holds images of {}, but {} of {}", images_file.string(),
                                picture_text(set.shape), train_images_file.string(),
                                picture_text(train_shape)));
  }
  return set;
}

std::uint64_t bytes_of_split(const fs::path& dir, Split split) {
  std::uint64_t pixels = 1;  // below 2 GiB, or the header is refused
  const std::vector<int> dims = read_idx_dims(find_file(dir, split, true));
  for (const int dim : dims) pixels *= std::uint64_t(dim);
  return pixels + std::uint64_t(dims[0]);
}

Dataset load_outline(const fs::path& dir) {
  const fs::path labels = find_file(dir, Split::kTrain, false);
  const fs::path images = find_file(dir, Split::kTrain, true);
  std::vector<Label> values = read_labels(labels);
  const Label first = first_label(values);
  count_from(first, values, labels);
  Dataset set;
  set.shape = image_shape(read_idx_dims(images), images);
  set.class_names = class_names(dir, count_classes(values, labels), values, first);
  return set;
}

void name_classes(Dataset& set, const std::vector<std::string>& names, const std::string& source) {
  check_count(names, set.classes(), source);
  check_class_names(names, [&](std::size_t i) { return fmt::format("{}: name {}", source, i); });
  set.class_names = names;
}

// Hashes of the large parts and then of their sums: no pixels are copied to be hashed in one piece.
std::string fingerprint(const Dataset& set) {
  return sha256_hex(
      as_bytes(fmt::format("{} {} {} {}", to_string(set.shape), set.size(), sha256_hex(set.pixels),
                           sha256_hex(label_bytes(set.labels)))));
}

std::size_t count_shared_images(const Dataset& train, const Dataset& test) {
  if (train.shape != test.shape) return 0;
  std::unordered_set<std::string_view> known;
  for (std::size_t i = 0; i < test.size(); ++i) known.insert(image_text(test, i));
  std::size_t shared = 0;
  for (std::size_t i = 0; i < train.size(); ++i) shared += known.count(image_text(train, i));
  return shared;
}

DataIdentity identify(const Dataset& train, const Dataset& test) {
  return identify(train, test, fingerprint(train), fingerprint(test));
}

DataIdentity identify(const Dataset& train, const Dataset& test, const std::string& train_sum,
                      const std::string& test_sum) {
  DataIdentity identity;
  identity.fingerprint = sha256_hex(as_bytes(train_sum + test_sum));
  identity.release = release_name(train, train_sum, test_sum);
  if (const std::size_t shared = count_shared_images(train, test); shared > 0) {
    identity.warning =
        fmt::format("{} of {} training images {} in the test set too, so test accuracy flatters{}",
                    shared, train.size(), shared == 1 ? "is" : "are",
                    release_of_labels(train.labels) == Release::kFashionFirst
                        ? "; the current release has no such images"
                        : "");
  }
  return identity;
}

DataIdentity identify(const fs::path& dir) {
  return identify(load_split(dir, Split::kTrain), load_split(dir, Split::kTest));
}

}  // namespace tailor::internal
