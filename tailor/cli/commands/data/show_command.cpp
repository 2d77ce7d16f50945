// tailor data show: images on the terminal.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/cli/text_image.hpp"
#include "tailor/cli/text_width.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/replaceable.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/augment/as_seen.hpp"
#include "tailor/data/rows.hpp"
#include "tailor/data/sprite.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/image_source.hpp"

namespace tailor::internal {
namespace {

struct ShowFlags {
  std::vector<std::string> images;
  std::string data = DataOptions{}.dir;
  std::string split = "test";
  std::string augment;  // the experiment whose [augment] is shown
  std::vector<std::string> set;
  int epochs = 7;
  std::string sheet;
};

// What --augment and --set say; nothing where neither is given.
std::optional<Experiment> augmenting(const ShowFlags& flags) {
  if (flags.augment.empty() && flags.set.empty()) {
    if (!flags.sheet.empty()) throw bad_input("--sheet shows what --augment does: give that, too");
    return std::nullopt;
  }
  Experiment experiment;
  if (!flags.augment.empty()) experiment = load_experiment(flags.augment);
  for (const std::string& set : flags.set) apply_text(experiment, set);
  if (!augments(experiment.augment)) {
    throw bad_input("nothing is augmented: say how, as in --set augment.flip=random");
  }
  return experiment;
}

// The images that were asked for, `rows` of `sets`, as_seen(): what is drawn for an image is drawn
// for its number. Images that follow each other in one set are mixed with each other.
Dataset all_as_seen(const std::vector<const Dataset*>& sets, const Indices& rows,
                    const Experiment& experiment, int epochs) {
  Dataset out{sets.front()->shape, {}, {}, sets.front()->class_names, {}, {}};
  for (std::size_t first = 0, last = 0; first < rows.size(); first = last) {
    while (last < rows.size() && sets[last] == sets[first]) ++last;
    const Indices run(rows.begin() + std::ptrdiff_t(first), rows.begin() + std::ptrdiff_t(last));
    const Dataset seen = as_seen(*sets[first], run, experiment.augment, experiment.seed, epochs);
    out.pixels.append(seen.pixels);
    out.labels.insert(out.labels.end(), seen.labels.begin(), seen.labels.end());
  }
  return out;
}

void write_sheet(const std::string& path, const Dataset& seen, int columns, Console& console) {
  Sprite sheet = grid_sprite(seen, all_rows(seen).indices, columns);
  const Image image{sheet.height, sheet.width, sheet.channels, std::move(sheet.pixels)};
  write_file_atomic(path, encode_png(image));
  console.note(fmt::format("{}: {} pixels", printable(path),
                           picture_size(std::uint64_t(image.width), std::uint64_t(image.height))));
}

// A line for each image: itself, then epoch after epoch.
ExitStatus show_augmented(const ShowFlags& flags, const Dataset& seen, const Json& list,
                          Console& console) {
  const std::size_t columns = std::size_t(flags.epochs) + 1;
  for (std::size_t first = 0; first < seen.size(); first += columns) {
    std::vector<CaptionedImage> line;
    for (std::size_t i = 0; i < columns; ++i) {
      line.push_back({text_image(image_of(seen, first + i), console.width(), console.colour()),
                      {i == 0 ? "itself" : fmt::format("epoch {}", i)}});
    }
    console.print(image_rows(line, console.width()));
  }
  if (!flags.sheet.empty()) write_sheet(flags.sheet, seen, int(columns), console);
  console.result({{"images", list},
                  {"epochs", flags.epochs},
                  {"sheet", flags.sheet.empty() ? Json(nullptr) : Json(flags.sheet)}});
  return ExitStatus::kDone;
}

ExitStatus run_show(const ShowFlags& flags, Context& context) {
  Console& console = context.console;
  const std::optional<Experiment> experiment = augmenting(flags);
  if (!flags.sheet.empty()) check_replaceable(flags.sheet, "a PNG", "\x89PNG");
  std::optional<Dataset> sets[2];
  std::vector<const Dataset*> set_of;
  Indices rows;
  std::vector<CaptionedImage> shown;
  Json list = Json::array();
  for (const std::string& source : flags.images) {
    const auto wanted = parse_image_source(source, flags.split == "test");
    if (!wanted)
      throw bad_input(fmt::format("{} is no index; write 17, test:17 or train:17", source));
    std::optional<Dataset>& set = sets[wanted->test];
    if (!set) {
      set = load_set(DataOptions{.dir = flags.data}, wanted->test ? Split::kTest : Split::kTrain);
    }
    check_index(*wanted, *set, source);
    const int label = set->labels[wanted->index];
    const std::string& name = set->class_names[std::size_t(label)];
    shown.push_back(
        {text_image(image_of(*set, wanted->index), console.width(), console.colour()),
         {fmt::format("{} {}", split_name(wanted->test), wanted->index), printable(name)}});
    set_of.push_back(&*set);
    rows.push_back(std::uint32_t(wanted->index));
    list.push_back({{"split", split_name(wanted->test)},
                    {"index", wanted->index},
                    {"label", label},
                    {"class", name}});
  }
  if (experiment) {
    return show_augmented(flags, all_as_seen(set_of, rows, *experiment, flags.epochs), list,
                          console);
  }
  console.print(image_rows(shown, console.width()));
  console.result({{"images", list}});
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_data_show(Options& options) {
  auto flags = std::make_shared<ShowFlags>();
  options.add({
      {"INDEX", &flags->images, "", "which images: 17, test:17 or train:17", required()},
      {"--data", &flags->data, "DIR", "a set of images"},
      {"--split", &flags->split, "TEXT", "where a mere number looks, test or train",
       one_of("test|train")},
      {"--augment", &flags->augment, "FILE",
       "an experiment: show what its [augment] makes of them"},
      {"--set", &flags->set, "PATH=VALUE", "the same by an option, as augment.flip=random",
       one_value_each()},
      {"--epochs", &flags->epochs, "N", "how many times", between(1, 100)},
      {"--sheet", &flags->sheet, "FILE", "also as a PNG, a line for each image"},
  });
  options.examples = {{"tailor data show 0 1 2", "the first three test images"},
                      {"tailor data show train:17 --data my-data", "a training image of one's own"},
                      {"tailor data show 0 1 --set augment.flip=random --set augment.translate=2",
                       "two images as a training with this [augment] sees them"}};
  options.files = "Reads the data. Writes the PNG of --sheet.";
  return [flags](Context& context) { return run_show(*flags, context); };
}

}  // namespace tailor::internal
