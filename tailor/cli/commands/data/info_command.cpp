// tailor data info|sprite|folds: looking at a data set.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/command.hpp"
#include "tailor/cli/text_width.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/replaceable.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/group_folds.hpp"
#include "tailor/data/rows.hpp"
#include "tailor/data/sprite.hpp"
#include "tailor/formats/image.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/ready_data.hpp"

namespace tailor::internal {
namespace {

struct DataFlags {
  std::string dir = DataOptions{}.dir;
  std::string out = "sprite.png";
  std::string split = "train";
  int rows = 3;
  int columns = 30;
  FoldOptions folds;
  bool no_cache = false;

  DataOptions data() const {
    DataOptions options{.dir = dir};
    options.cache = !no_cache;
    return options;
  }
};

std::shared_ptr<DataFlags> declare_dir(Options& options) {
  auto flags = std::make_shared<DataFlags>();
  options.add(
      {{"dir,--data", &flags->dir, "DIR", "a folder of pictures for each class, a list, arrays"},
       no_cache_option(&flags->no_cache)});
  return flags;
}

std::string class_table(const Dataset& train, const Dataset& test) {
  const auto in_train = class_counts(train);
  const auto in_test = class_counts(test);
  std::string text = fmt::format("\n{:<20} {:>9} {:>9}\n", "class", "training", "test");
  for (std::size_t c = 0; c < in_train.size(); ++c) {
    text += fmt::format("{} {:>9} {:>9}\n", padded(printable(train.class_names[c]), 20),
                        grouped(double(in_train[c])), grouped(double(in_test[c])));
  }
  return text;
}

Json class_json(const Dataset& train, const Dataset& test) {
  const auto in_train = class_counts(train);
  const auto in_test = class_counts(test);
  Json classes = Json::array();
  for (std::size_t c = 0; c < in_train.size(); ++c) {
    classes.push_back(
        {{"name", train.class_names[c]}, {"train", in_train[c]}, {"test", in_test[c]}});
  }
  return classes;
}

ExitStatus run_info(const DataFlags& flags, Context& context) {
  ReadyData data(flags.data(), 0, context.observer());
  const Dataset train = data.part(Split::kTrain).set;
  const Dataset test = data.part(Split::kTest).set;
  const DataIdentity identity = data.source().mnist ? identify(train, test) : data.identity();
  Console& console = context.console;
  console.print(fmt::format(
      "{} training and {} test images of {}, {} classes\nrelease      {}\nfingerprint  {}\n{}",
      grouped(double(train.size())), grouped(double(test.size())), picture_text(train.shape),
      train.classes(), identity.release.empty() ? "not a known one" : identity.release,
      identity.fingerprint, class_table(train, test)));
  if (!identity.warning.empty()) console.warn(identity.warning);
  console.result({{"dir", flags.dir},
                  {"train", train.size()},
                  {"test", test.size()},
                  {"shape", {train.shape.height, train.shape.width, train.shape.channels}},
                  {"classes", class_json(train, test)},
                  {"release", identity.release},
                  {"fingerprint", identity.fingerprint},
                  {"warning", identity.warning}});
  return ExitStatus::kDone;
}

ExitStatus run_sprite(const DataFlags& flags, Context& context) {
  check_replaceable(flags.out, "a PNG", "\x89PNG");
  const Dataset set = load_set(flags.data(), flags.split == "test" ? Split::kTest : Split::kTrain);
  Sprite sprite = class_sprite(set, flags.rows, flags.columns);
  const Image image{sprite.height, sprite.width, sprite.channels, std::move(sprite.pixels)};
  write_file_atomic(flags.out, encode_png(image));
  context.console.print(
      fmt::format("{}: {} pixels", printable(flags.out),
                  picture_size(std::uint64_t(image.width), std::uint64_t(image.height))));
  context.console.result({{"file", flags.out},
                          {"width", image.width},
                          {"height", image.height},
                          {"classes", set.class_names}});
  return ExitStatus::kDone;
}

ExitStatus run_folds(const DataFlags& flags, Context& context) {
  const Dataset train = load_set(flags.data(), Split::kTrain);
  const std::vector<Fold> folds = folds_of(train, flags.folds);
  Json json = Json::array();
  std::string text = "fold  training      test\n";
  for (std::size_t i = 0; i < folds.size(); ++i) {
    json.push_back(folds[i].test);
    text += fmt::format("{:>4} {:>9} {:>9}\n", i + 1, grouped(double(folds[i].train.size())),
                        grouped(double(folds[i].test.size())));
  }
  context.console.print(text);
  context.console.result({{"folds", json}, {"classes", train.class_names}});
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_data_info(Options& options) {
  auto flags = declare_dir(options);
  options.examples = {{"tailor data info", "Fashion-MNIST, if it is installed"},
                      {"tailor data info my-data --json", "a folder of one's own, for a program"}};
  options.files =
      "Reads the set in DIR, makes it ready where that is work, and reads class_names.txt, one "
      "name a "
      "line, beside MNIST's files. "
      "Writes nothing.";
  return [flags](Context& context) { return run_info(*flags, context); };
}

Runner declare_data_sprite(Options& options) {
  auto flags = declare_dir(options);
  options.add({
      {"--out", &flags->out, "FILE", "the PNG to write"},
      {"--split", &flags->split, "TEXT", "test or train", one_of("test|train")},
      {"--rows", &flags->rows, "INT", "rows of every class", between(1, 1000)},
      {"--columns", &flags->columns, "INT", "images in a row", between(1, 1000)},
  });
  options.examples = {{"tailor data sprite my-data", "writes sprite.png"},
                      {"tailor data sprite --split test --rows 1 --columns 10 --out ten.png",
                       "ten test images of every class"}};
  options.files = "Reads the data; writes one PNG.";
  return [flags](Context& context) { return run_sprite(*flags, context); };
}

Runner declare_data_folds(Options& options) {
  auto flags = declare_dir(options);
  options.add({
      {"--splits", &flags->folds.splits, "K", "how many folds"},
      {"--shuffle", &flags->folds.shuffle, "", "shuffle each class first"},
      {"--seed", &flags->folds.random_state, "N", "random_state of the shuffle"},
  });
  options.examples = {
      {"tailor data folds --splits 5", "how many images each fold has"},
      {"tailor data folds my-data --shuffle --seed 1 --json", "the rows of every fold"}};
  options.files = "Reads the labels and images. Writes nothing.";
  return [flags](Context& context) { return run_folds(*flags, context); };
}

}  // namespace tailor::internal
