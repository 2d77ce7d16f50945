// CIFAR-10 and CIFAR-100 as binary files: records of one label, or a coarse and a fine one, and
// 3 x 32 x 32 bytes, channel after channel (cs.toronto.edu/~kriz/cifar.html).
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "tailor/core/error.hpp"
#include "tailor/core/folder_entries.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/class_names.hpp"
#include "tailor/data/readers/names.hpp"
#include "tailor/data/readers/source.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 32;
constexpr std::size_t kPlane = std::size_t(kSide) * kSide;

struct Layout {
  std::size_t labels;  // bytes before the pixels; the last is the class
  std::vector<std::string> train, test;
  const char* names;
  int classes;
};

void read_records(const fs::path& path, const Layout& layout, SourcePart& part) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  const std::size_t record = layout.labels + 3 * kPlane;
  if (bytes.empty() || bytes.size() % record != 0) {
    throw bad_input(fmt::format("{}: {} bytes are not whole records of {}",
                                printable(path.string()), bytes.size(), record));
  }
  part.set.shape = {.channels = 3, .height = kSide, .width = kSide};
  std::vector<std::uint8_t>& pixels = part.set.pixels.own();
  pixels.reserve(pixels.size() + bytes.size());
  for (std::size_t at = 0; at < bytes.size(); at += record) {
    const std::uint8_t label = bytes[at + layout.labels - 1];
    if (label >= layout.classes) {
      throw bad_input(fmt::format("{}: label {} in record {}, but there are {} classes",
                                  printable(path.string()), label, at / record, layout.classes));
    }
    part.set.labels.push_back(label);
    const std::uint8_t* planes = &bytes[at + layout.labels];
    for (std::size_t i = 0; i < kPlane; ++i) {
      for (std::size_t c = 0; c < 3; ++c) pixels.push_back(planes[c * kPlane + i]);
    }
  }
}

std::vector<std::string> names_of(const fs::path& folder, const Layout& layout) {
  if (is_file(folder / layout.names)) {
    std::vector<std::string> names = read_class_names(folder / layout.names);
    if (names.size() == std::size_t(layout.classes)) return names;
  }
  std::vector<std::string> numbers;
  for (int c = 0; c < layout.classes; ++c) numbers.push_back(std::to_string(c));
  return numbers;
}

Source source_of(const fs::path& folder, const Layout& layout, const char* name) {
  Source source;
  source.root = folder;
  source.understood = fmt::format("{} as binary files", name);
  for (const auto& [split, files] :
       {std::pair(Split::kTrain, layout.train), std::pair(Split::kTest, layout.test)}) {
    if (files.empty()) continue;
    for (const std::string& file : files) source.inputs.push_back(folder / file);
    source.parts[split] = [folder, layout, files = files] {
      SourcePart part;
      part.set.class_names = names_of(folder, layout);
      for (const std::string& file : files) read_records(folder / file, layout, part);
      return part;
    };
  }
  return source;
}

}  // namespace

Recognised open_cifar(const fs::path& path) {
  const fs::path folder = is_folder(path) ? path : path.parent_path();
  if (!is_folder(path) && path.extension() != ".bin") return std::nullopt;
  std::vector<std::string> batches, pickles;
  bool train = false, test = false, ten_test = false;
  for (const FolderEntry& entry : folder_entries(folder)) {
    if (entry.kind != PathKind::kFile) continue;
    const std::string& name = entry.name;
    if (name.starts_with("data_batch_")) {
      (name.ends_with(".bin") ? batches : pickles).push_back(name);
    }
    train |= name == "train.bin";
    test |= name == "test.bin";
    ten_test |= name == "test_batch.bin";
  }
  if (!batches.empty()) {
    Layout layout{1, batches, {}, "batches.meta.txt", 10};
    if (ten_test) layout.test = {"test_batch.bin"};
    return source_of(folder, layout, "CIFAR-10");
  }
  if (train) {
    Layout layout{2, {"train.bin"}, {}, "fine_label_names.txt", 100};
    if (test) layout.test = {"test.bin"};
    return source_of(folder, layout, "CIFAR-100");
  }
  if (!pickles.empty()) {
    throw bad_input(
        fmt::format("{}: CIFAR as Python pickles, which are never read; get "
                    "cifar-10-binary.tar.gz from the same page",
                    printable(folder.string())));
  }
  return std::nullopt;
}

}  // namespace tailor::internal
