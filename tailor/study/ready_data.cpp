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

std::string text_if_there(const fs::path& file) {
  try {
    return read_text(file);
  } catch (const Error&) {
    return "";
  }
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
  std::string why_no_file;
  std::vector<std::uint8_t> own;
  std::size_t images = 0;
  Shape shape;

  Room(const fs::path& path, const ReadyPart& part, std::size_t count)
      : images(count), shape(part.set.shape) {
    if (!path.empty()) {
      try {
        file.emplace(path, bytes_of_ready_file(part, count));
        return;
      } catch (const Error& error) {  // a full disk: the work can be done without a cache
        why_no_file = error.what();
      }
    }
    own.resize(count * shape.size());
  }
  std::span<std::uint8_t> pixels() { return file ? pixels_in(*file, images, shape) : own; }
  // The part has its pixels for as long as the call takes.
  template <class Look>
  void show(ReadyPart& part, const Look& look) {
    part.set.pixels = PixelBytes(std::shared_ptr<const void>(this, [](const void*) {}),
                                 pixels().first(part.set.labels.size() * shape.size()));
    look();
    part.set.pixels = {};
  }
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
  if (is_cut()) source_.mnist = false;  // MNIST's files are ready as they are, unless parts are cut
  if (source_.mnist) return;
  observer.say(fmt::format("data: {}: {}", printable(options.dir), source_.understood));
  if (options.cache) folder_ = set_folder(options, source_);
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
  if (auto part = kept(split)) {
    if (!part->bad.empty()) {
      observer_.caution(fmt::format("{} files in {} cannot be read as pictures: {}",
                                    part->bad.size(), printable(source_.root.string()),
                                    few_bad(part->bad)));
    }
    return *std::move(part);
  }
  if (!folder_.empty()) {
    try {
      make_set_folder(folder_, options_.dir);
    } catch (const Error& error) {
      keep_nothing(error.what());
    }
  }
  make_ready(split);
  if (auto part = kept(split)) return *std::move(part);
  // The cache was deleted or filled up meanwhile: once more, in memory.
  keep_nothing("what was kept is gone");
  make_ready(split);
  return made_.at(split);
}

void ReadyData::make_ready(Split split) {
  if (is_cut() && !(source_.has(split) && split != Split::kTrain)) {
    make_cut();
  } else {
    make(split);
  }
}

void ReadyData::keep_nothing(const std::string& why) {
  if (folder_.empty()) return;
  observer_.caution(fmt::format("nothing is kept for the next time: {}", why));
  why_not_kept_ = why;
  folder_.clear();
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
    try {
      const fs::path list = folder_ / "bad_files.csv";
      remove_file(list);  // a link to somebody's file, too
      write_file_atomic(list, bad_files_csv(part.bad));
      where = fmt::format("; all are listed in {}", list.string());
    } catch (const Error& error) {
      observer_.caution(error.what());
    }
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

void ReadyData::find_groups(const SourcePart& listed, ReadyPart& part) {
  if (options_.group == "none") return;
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

void ReadyData::finish(Split split, ReadyPart part, Room& room) {
  if (!room.why_no_file.empty()) keep_nothing(room.why_no_file);
  room.show(part, [&] { part.fingerprint = fingerprint(part.set); });
  if (room.file) {
    try {
      finish_ready_file(*room.file, part);
    } catch (const Error& error) {
      keep_nothing(error.what());
    }
    return;
  }
  room.own.resize(part.set.labels.size() * room.shape.size());
  part.set.pixels = std::move(room.own);
  made_[split] = std::move(part);
}

ReadyPart ReadyData::unfilled(const SourcePart& listed) {
  ReadyPart part;
  part.set.shape = recipe().recipe.shape;
  part.set.labels = listed.set.labels;
  part.set.class_names = listed.set.class_names;
  part.files = listed.files;
  return part;
}

void ReadyData::look_at_training_images(const SourcePart& listed, ReadyPart& part, Room& room) {
  room.show(part, [&] {
    find_groups(listed, part);
    tell_contradictions(part);
  });
}

void ReadyData::make(Split split) {
  const SourcePart all = listed(split);
  ReadyPart part = unfilled(all);
  Room room(file_of(split), part, all.set.labels.size());
  fill(all, part, room);
  if (split == Split::kTrain) look_at_training_images(all, part, room);
  finish(split, std::move(part), room);
}

// All training images made ready, then those of a group together to one side or the other. The
// parts that are cut off are written first: where the training part is kept, all are.
void ReadyData::make_cut() {
  const SourcePart all = listed(Split::kTrain);
  ReadyPart whole = unfilled(all);
  Room room(file_of(Split::kTrain), whole, all.set.labels.size());
  fill(all, whole, room);
  look_at_training_images(all, whole, room);
  const std::size_t each = room.shape.size();
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
  if (const std::string text = kept.empty() ? "" : text_if_there(kept); !text.empty()) {
    const std::size_t first = text.find('\n'), second = text.find('\n', first + 1);
    if (first == 64 && second != std::string::npos) {
      return {text.substr(0, first), text.substr(first + 1, second - first - 1),
              text.substr(second + 1)};
    }
  }
  const DataIdentity identity = identify(train.set, test.set, train.fingerprint, test.fingerprint);
  if (kept.empty()) return identity;
  try {
    write_file_atomic(
        kept, fmt::format("{}\n{}\n{}", identity.fingerprint, identity.release, identity.warning));
  } catch (const Error&) {  // it is worked out again
  }
  return identity;
}

}  // namespace tailor::internal
