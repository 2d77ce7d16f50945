#include "tailor/study/ready_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/folder_entries.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/group_folds.hpp"
#include "tailor/data/release.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/study/near_groups.hpp"
#include "tailor/study/ready_cache.hpp"
#include "tailor/study/split_list.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

// Changed where the same pictures would become other bytes.
constexpr int kMaking = 1;

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string stamp_of(const fs::path& path) {
  const FolderEntry entry = entry_of(path);
  return fmt::format("{}\t{}\t{}\n", entry.name, entry.bytes, entry.changed_ns);
}

// Sizes and times of files that a list names; each folder's entries are asked for once.
std::vector<std::string> stamps_of_files(const fs::path& root,
                                         const std::vector<std::string>& files) {
  std::map<std::string, std::map<std::string, std::string>> folders;
  std::vector<std::string> stamps;
  for (const fs::path file : files) {
    const auto [at, is_new] = folders.try_emplace(file.parent_path().string());
    const fs::path folder = root / file.parent_path();
    if (is_new && is_folder(folder)) {
      for (const FolderEntry& entry : folder_entries(folder)) {
        at->second.emplace(entry.name, fmt::format("{} {}", entry.bytes, entry.changed_ns));
      }
    }
    const auto known = at->second.find(file.filename().string());
    stamps.push_back(known == at->second.end() ? "" : known->second);
  }
  return stamps;
}

// Names, sizes and times of all that is read.
std::string stamps_of(const Source& source) {
  std::string text;
  for (const fs::path& input : source.inputs) text += stamp_of(input);
  if (!source.pictures) return text;
  for (const auto& [split, read] : source.parts) {
    text += fmt::format("{}\n", to_string(split));
    SourcePart part = read();
    if (part.stamps.empty()) part.stamps = stamps_of_files(source.root, part.files);
    for (std::size_t i = 0; i < part.files.size(); ++i) {
      text += fmt::format("{}\t{}\t{}", part.files[i], part.set.labels[i], part.stamps[i]);
      if (!part.groups.empty()) text += "\t" + part.groups[i];
      text += '\n';
    }
    for (const std::string& name : part.set.class_names) text += name + '\n';
  }
  return text;
}

std::string options_text(const DataOptions& o) {
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {}\n", kMaking,
                     fmt::join(o.image.size, "x"), o.image.channels, o.image.fit, o.image.filter,
                     fmt::join(o.image.background, ","), o.image.upright, o.transpose, o.invert,
                     o.bad_files, o.group, o.test_size, o.validation_size, o.random_state,
                     absolute_path(o.dir).string());
}

Oddities odd(const DataOptions& options) {
  return {options.transpose, options.invert};
}

void transpose(Dataset& set) {
  const auto height = std::size_t(set.shape.height), width = std::size_t(set.shape.width);
  const auto channels = std::size_t(set.shape.channels);
  std::vector<std::uint8_t> turned(set.pixels.size());
  std::uint8_t* to = turned.data();
  for (std::size_t i = 0; i < set.size(); ++i) {
    const auto image = set.image(i);
    for (std::size_t x = 0; x < width; ++x) {
      for (std::size_t y = 0; y < height; ++y, to += channels) {
        std::copy_n(&image[(y * width + x) * channels], channels, to);
      }
    }
  }
  std::swap(set.shape.height, set.shape.width);
  set.pixels = std::move(turned);
}

void invert(std::span<std::uint8_t> pixels) {
  for (std::uint8_t& pixel : pixels) pixel = std::uint8_t(255 - pixel);
}

void set_right(const DataOptions& options, Dataset& set) {
  if (options.transpose) transpose(set);
  if (options.invert) invert(set.pixels.own());
}

template <class Value>
std::vector<Value> taken(const std::vector<Value>& values, const Indices& rows) {
  if (values.empty()) return {};
  std::vector<Value> out;
  out.reserve(rows.size());
  for (const std::uint32_t row : rows) out.push_back(values[row]);
  return out;
}

// All but the pixels.
ReadyPart taken_rows(const ReadyPart& part, const Indices& rows) {
  ReadyPart out;
  out.set.shape = part.set.shape;
  out.set.class_names = part.set.class_names;
  out.set.labels = taken(part.set.labels, rows);
  out.set.groups = taken(part.set.groups, rows);
  out.files = taken(part.files, rows);
  return out;
}

Indices others(std::size_t count, const std::vector<bool>& is_taken) {
  Indices rows;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_taken[i]) rows.push_back(std::uint32_t(i));
  }
  return rows;
}

std::string few_bad(const std::vector<BadFile>& bad) {
  constexpr std::size_t kBadShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(kBadShown, bad.size()); ++i) {
    text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", printable(bad[i].path),
                        printable(bad[i].reason));
  }
  return text + (bad.size() > kBadShown ? ", ..." : "");
}

// Files that this machine could not read are no bad ones: without them the set would be another.
void refuse_unread(const FileErrors& errors, const std::string& source) {
  const Error* first = nullptr;
  std::size_t count = 0;
  for (const auto& error : errors) {
    if (!error || error->kind() == ErrorKind::kBadInput) continue;
    if (count++ == 0) first = &*error;
  }
  if (count == 0) return;
  throw failure(fmt::format("{} of {} files in {} could not be read: {}", count, errors.size(),
                            printable(source), first->what()));
}

}  // namespace

// Where the pixels of a part come to be: a file of the cache, or memory.
struct ReadyData::Room {
  std::optional<FileInTheMaking> file;
  std::vector<std::uint8_t> own;
  std::size_t images = 0;
  Shape shape;

  Room(const fs::path& path, const ReadyPart& part, std::size_t count)
      : images(count), shape(part.set.shape) {
    if (!path.empty()) {
      try {
        file.emplace(path, bytes_of_ready_file(part, count));
        return;
      } catch (const Error&) {  // a full disk: the work can be done without a cache
      }
    }
    own.resize(count * shape.size());
  }
  std::span<std::uint8_t> pixels() { return file ? pixels_in(*file, images, shape) : own; }
  // Image `from` to the place of image `to`, which comes before it or is the same.
  void move_image(std::size_t from, std::size_t to) {
    if (from == to) return;
    const std::size_t each = shape.size();
    std::copy_n(pixels().begin() + std::ptrdiff_t(from * each), each,
                pixels().begin() + std::ptrdiff_t(to * each));
  }
};

ReadyData::ReadyData(const DataOptions& options, int threads, const Observer& observer)
    : options_(options), threads_(threads), observer_(observer) {
  const bool column = options.group != "auto" && options.group != "none";
  source_ = open_source(options.dir, {.group_column = column ? options.group : ""});
  if (column && (!source_.pictures || source_.parts.at(Split::kTrain)().groups.empty())) {
    throw bad_input(
        fmt::format("data.group: {} has no column {}; only a list of pictures in a CSV "
                    "file has columns",
                    printable(options.dir), printable(options.group)));
  }
  if (source_.mnist) return;
  observer.say(fmt::format("data: {}: {}", printable(options.dir), source_.understood));
  const fs::path cache = cache_folder();
  if (cache.empty() || !options.cache) return;
  const std::string key = sha256_hex(bytes_of(options_text(options) + stamps_of(source_)));
  folder_ = cache / key.substr(0, 32);
}

bool ReadyData::is_cut() const {
  return (!source_.has(Split::kTest) && options_.test_size > 0) ||
         (!source_.has(Split::kValidation) && options_.validation_size > 0);
}

bool ReadyData::has(Split split) const {
  if (source_.has(split)) return true;
  return split == Split::kTest ? options_.test_size > 0
                               : split == Split::kValidation && options_.validation_size > 0;
}

fs::path ReadyData::file_of(Split split) const {
  return folder_.empty() ? fs::path() : folder_ / fmt::format("{}.ready", to_string(split));
}

std::optional<ReadyPart> ReadyData::kept(Split split) const {
  if (const auto at = made_.find(split); at != made_.end()) return at->second;
  return folder_.empty() ? std::nullopt : map_ready_file(file_of(split));
}

SourcePart ReadyData::listed(Split split) const {
  SourcePart part = source_.parts.at(split)();
  if (!source_.pictures) set_right(options_, part.set);
  return part;
}

const ChosenRecipe& ReadyData::recipe() {
  if (recipe_) return *recipe_;
  if (!options_.image.size.empty() && options_.image.channels != 0) {
    Team alone(1);
    return recipe_.emplace(choose_recipe(options_.image, source_.root, {}, {}, alone));
  }
  if (auto train = kept(Split::kTrain); train && source_.pictures) {
    SourcePart shape;
    shape.set.shape = train->set.shape;
    ImageOptions options = options_.image;
    options.size = {train->set.shape.height, train->set.shape.width};
    options.channels = train->set.shape.channels;
    Team alone(1);
    return recipe_.emplace(choose_recipe(options, source_.root, shape, {}, alone));
  }
  Engine engine(threads_);
  observer_.work_on("looking at the pictures");
  recipe_ = choose_recipe(options_.image, source_.root, listed(Split::kTrain), odd(options_),
                          engine.team());
  if (!recipe_->why.empty()) {
    observer_.say(fmt::format("image: the net sees {} ({}; {})",
                              picture_text(recipe_->recipe.shape), recipe_->why,
                              options_.image.fit));
  }
  return *recipe_;
}

ReadyPart ReadyData::part(Split split) {
  if (!has(split)) {
    throw bad_input(fmt::format("{} has no {} images", printable(options_.dir), to_string(split)));
  }
  if (source_.mnist) return array(split);
  if (auto part = kept(split)) return *std::move(part);
  if (!folder_.empty()) {
    try {
      make_set_folder(folder_, options_.dir);
    } catch (const Error& error) {
      observer_.caution(fmt::format("nothing is kept for the next time: {}", error.what()));
      folder_.clear();
    }
  }
  if (is_cut() && !(source_.has(split) && split != Split::kTrain)) {
    make_cut();
    return *kept(split);
  }
  return make(split);
}

ReadyPart ReadyData::array(Split split) {
  ReadyPart part;
  part.set = listed(split).set;
  if (!options_.image.size.empty() || options_.image.channels != 0) {
    Engine engine(threads_);
    part.set = prepared_array(recipe().recipe, std::move(part.set), engine.team());
  }
  return part;
}

void ReadyData::fill(const SourcePart& listed, ReadyPart& part, Room& room) {
  Engine engine(threads_);
  if (!source_.pictures) {
    const Dataset made = prepared_array(recipe().recipe, listed.set, engine.team());
    std::ranges::copy(made.pixels, room.pixels().begin());
    return;
  }
  const auto told = [&](std::size_t done, std::size_t all) {
    observer_.work_on(
        fmt::format("reading pictures: {} of {}", grouped(double(done)), grouped(double(all))));
  };
  told(0, listed.files.size());
  skip_bad(decode_pictures(recipe().recipe, odd(options_), source_.root, listed.files,
                           room.pixels(), engine.team(), told),
           listed, part, room);
}

void ReadyData::skip_bad(const FileErrors& errors, const SourcePart& listed, ReadyPart& part,
                         Room& room) {
  refuse_unread(errors, source_.root.string());
  Indices good;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (!errors[i]) {
      room.move_image(i, good.size());
      good.push_back(std::uint32_t(i));
    } else {
      part.bad.push_back({listed.files[i], std::string(one_line(errors[i]->what()))});
    }
  }
  if (part.bad.empty()) return;
  std::string where;
  if (!folder_.empty()) {
    write_file_atomic(folder_ / "bad_files.csv", bad_files_csv(part.bad));
    where = fmt::format("; all are listed in {}", (folder_ / "bad_files.csv").string());
  }
  const std::string said =
      fmt::format("{} of {} files in {} cannot be read as pictures: {}{}", part.bad.size(),
                  errors.size(), printable(source_.root.string()), few_bad(part.bad), where);
  if (options_.bad_files != "skip") {
    throw bad_input(said + "; data.bad_files = \"skip\" goes on without them");
  }
  observer_.caution(said);
  part.set.labels = taken(part.set.labels, good);
  part.files = taken(part.files, good);
  std::vector<bool> seen(part.set.class_names.size());
  for (const Label label : part.set.labels) seen[label] = true;
  const auto empty = std::ranges::find(seen, false);
  if (empty != seen.end()) {
    throw bad_input(fmt::format(
        "{}: no picture of the class '{}' can be read", printable(source_.root.string()),
        printable(part.set.class_names[std::size_t(empty - seen.begin())])));
  }
}

bool ReadyData::has_groups() const {
  return options_.group != "none";
}

void ReadyData::find_groups(const SourcePart& listed, ReadyPart& part) {
  if (!has_groups()) return;
  if (!listed.groups.empty()) {
    std::map<std::string, std::uint32_t> numbers;
    std::size_t i = 0;
    for (std::size_t row = 0; row < listed.files.size() && i < part.files.size(); ++row) {
      if (listed.files[row] != part.files[i]) continue;  // a bad file
      const auto at = numbers.emplace(listed.groups[row], std::uint32_t(numbers.size())).first;
      part.set.groups.push_back(at->second);
      ++i;
    }
    return;
  }
  if (release_of_labels(part.set.labels) != Release::kUnknown) return;
  Engine engine(threads_);
  observer_.work_on("looking for pictures that are nearly the same");
  part.set.groups = near_groups(part.set, engine);
  const GroupCounts counts = count_groups(part.set.groups);
  if (counts.groups == 0) {
    part.set.groups.clear();  // every image is alone
    return;
  }
  observer_.say(
      fmt::format("groups: {} of {} images are nearly the same as others; {} groups, the largest "
                  "of {}, each on "
                  "one side of every split",
                  grouped(double(counts.images)), grouped(double(part.set.size())),
                  grouped(double(counts.groups)), grouped(double(counts.largest))));
}

// One picture under two labels: neither can be learned.
void ReadyData::tell_contradictions(const ReadyPart& part) const {
  std::unordered_map<std::string_view, std::uint32_t> known;
  std::size_t count = 0;
  std::pair<std::uint32_t, std::uint32_t> first;
  for (std::uint32_t i = 0; i < part.set.size(); ++i) {
    const auto pixels = part.set.image(i);
    const auto [same, is_new] = known.try_emplace(
        std::string_view(reinterpret_cast<const char*>(pixels.data()), pixels.size()), i);
    if (is_new || part.set.labels[same->second] == part.set.labels[i]) continue;
    if (count++ == 0) first = {same->second, i};
  }
  if (count == 0) return;
  const auto name = [&](std::uint32_t i) {
    return fmt::format("{} ({})",
                       part.files.empty() ? fmt::format("image {}", i) : printable(part.files[i]),
                       printable(part.set.class_names[part.set.labels[i]]));
  };
  observer_.caution(fmt::format("{} image(s) stand under two classes, as {} and {} do", count,
                                name(first.first), name(first.second)));
}

ReadyPart ReadyData::finish(Split split, ReadyPart part, Room& room) {
  const std::size_t bytes = part.set.labels.size() * room.shape.size();
  if (room.file) {
    part.set.pixels = PixelBytes(std::shared_ptr<const void>(&room, [](const void*) {}),
                                 room.pixels().first(bytes));
    part.fingerprint = fingerprint(part.set);
    part.set.pixels = {};
    finish_ready_file(*room.file, part);
    if (auto mapped = map_ready_file(file_of(split))) return *std::move(mapped);
    throw failure(fmt::format("cannot read {} again", file_of(split).string()));
  }
  room.own.resize(bytes);
  part.set.pixels = std::move(room.own);
  part.fingerprint = fingerprint(part.set);
  made_[split] = part;
  return part;
}

ReadyPart ReadyData::make(Split split) {
  const SourcePart all = listed(split);
  ReadyPart part;
  part.set.shape = recipe().recipe.shape;
  part.set.labels = all.set.labels;
  part.set.class_names = all.set.class_names;
  part.files = all.files;
  Room room(file_of(split), part, all.set.labels.size());
  fill(all, part, room);
  if (split == Split::kTrain) {
    const std::size_t bytes = part.set.labels.size() * room.shape.size();
    part.set.pixels = PixelBytes(std::shared_ptr<const void>(&room, [](const void*) {}),
                                 room.pixels().first(bytes));
    find_groups(all, part);
    tell_contradictions(part);
    part.set.pixels = {};
  }
  return finish(split, std::move(part), room);
}

// All training images made ready, then those of a group together to one side or the other. The
// parts that are cut off are written first: where the training part is kept, all are.
void ReadyData::make_cut() {
  const SourcePart all = listed(Split::kTrain);
  ReadyPart whole;
  whole.set.shape = recipe().recipe.shape;
  whole.set.labels = all.set.labels;
  whole.set.class_names = all.set.class_names;
  whole.files = all.files;
  Room room(file_of(Split::kTrain), whole, all.set.labels.size());
  fill(all, whole, room);
  const std::size_t each = room.shape.size();
  whole.set.pixels = PixelBytes(std::shared_ptr<const void>(&room, [](const void*) {}),
                                room.pixels().first(whole.set.labels.size() * each));
  find_groups(all, whole);
  tell_contradictions(whole);
  whole.set.pixels = {};
  std::vector<std::uint32_t> groups = whole.set.groups;
  if (groups.empty()) {
    groups.resize(whole.set.labels.size());
    std::iota(groups.begin(), groups.end(), 0u);
  }
  std::vector<bool> is_taken(whole.set.labels.size());
  const auto cut_off = [&](Split split, double share) {
    if (source_.has(split) || share <= 0) return;
    const Indices left = others(is_taken.size(), is_taken);
    const Indices places = cut_groups(taken(whole.set.labels, left), taken(groups, left), share,
                                      options_.random_state + (split == Split::kValidation));
    Indices rows;
    for (const std::uint32_t place : places) rows.push_back(left[place]);
    if (rows.empty()) {
      throw bad_input(fmt::format(
          "{}: too few images to cut off any to {} on; give more, or a {} "
          "folder",
          printable(options_.dir), split == Split::kTest ? "test" : "validate", to_string(split)));
    }
    ReadyPart part = taken_rows(whole, rows);
    Room its(file_of(split), part, rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(room.pixels().begin() + std::ptrdiff_t(rows[i] * each), each,
                  its.pixels().begin() + std::ptrdiff_t(i * each));
      is_taken[rows[i]] = true;
    }
    finish(split, std::move(part), its);
  };
  cut_off(Split::kTest, options_.test_size);
  cut_off(Split::kValidation, options_.validation_size);
  const Indices left = others(is_taken.size(), is_taken);
  for (std::size_t i = 0; i < left.size(); ++i) room.move_image(left[i], i);
  ReadyPart train = taken_rows(whole, left);
  train.bad = whole.bad;
  finish(Split::kTrain, std::move(train), room);
}

DataIdentity ReadyData::identity() {
  if (source_.mnist) {
    const ReadyPart train = array(Split::kTrain), test = array(Split::kTest);
    return identify(train.set, test.set);
  }
  const ReadyPart train = part(Split::kTrain), test = part(Split::kTest);
  if (train.fingerprint.empty()) return identify(train.set, test.set);
  const fs::path kept = folder_.empty() ? fs::path() : folder_ / "identity.txt";
  if (!kept.empty() && is_file(kept)) {
    const std::string text = read_text(kept);
    const std::size_t first = text.find('\n'), second = text.find('\n', first + 1);
    if (first == 64 && second != std::string::npos) {
      return {text.substr(0, first), text.substr(first + 1, second - first - 1),
              text.substr(second + 1)};
    }
  }
  const DataIdentity identity = identify(train.set, test.set, train.fingerprint, test.fingerprint);
  if (!kept.empty()) {
    write_file_atomic(
        kept, fmt::format("{}\n{}\n{}", identity.fingerprint, identity.release, identity.warning));
  }
  return identity;
}

}  // namespace tailor::internal
