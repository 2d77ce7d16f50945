// tailor predict: what a trained model sees on images.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/cli/text_image.hpp"
#include "tailor/cli/text_width.hpp"
#include "tailor/core/csv.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/replaceable.hpp"
#include "tailor/core/standard_input.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/decode_pictures.hpp"
#include "tailor/data/readers/folder_files.hpp"
#include "tailor/formats/image.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/image_source.hpp"
#include "tailor/study/model.hpp"
#include "tailor/study/own_data.hpp"
#include "tailor/train/calibration.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

struct PredictFlags {
  std::string run;
  std::vector<std::string> images;
  std::string data;
  std::string precision;
  std::string csv;
  std::string copy_to;
  bool transpose = false;
  bool invert = false;
  int top = 1;
  int threads = 0;
};

// What came of one source: a row of the images to look at, or an error.
struct Asked {
  std::string source;
  bool is_file = false;
  std::optional<std::size_t> row = {};
  std::string true_class = {};  // "" = unknown
  std::optional<Error> error = {};
};

struct Question {
  Dataset images;
  std::vector<Asked> asked;
};

// The model's data, read where the first source names an image of them. What cannot be read is not
// tried again for the next.
class KnownImages {
 public:
  KnownImages(const PredictFlags& flags, const Model& model) : model_(model), asked_(flags.data) {}

  const Dataset& split(bool test) {
    std::optional<Dataset>& set = sets_[test];
    std::optional<Error>& error = errors_[test];
    if (error) throw *error;
    if (set) return *set;
    try {
      DataOptions data = data_for(model_, asked_);
      data.train_limit = data.test_limit = 0;  // a number is a place in the file
      Dataset read = load_set(data, test ? Split::kTest : Split::kTrain);
      check_fits(model_, read, data.dir);
      return set.emplace(std::move(read));
    } catch (const Error& thrown) {
      throw error.emplace(thrown);
    }
  }

 private:
  const Model& model_;
  std::string asked_;  // with --data
  std::optional<Dataset> sets_[2];
  std::optional<Error> errors_[2];
};

// Every source on its own: a bad one must not cost the answers to the others. A folder stands for
// its files, "-" for the paths on standard input, one a line.
std::vector<Asked> sources_of(const PredictFlags& flags) {
  std::vector<Asked> asked;
  for (const std::string& source : flags.images) {
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

void read_known(Asked& asked, KnownImages& known, Dataset& images) {
  const ImageSource wanted = *parse_image_source(asked.source, true);
  const Dataset& set = known.split(wanted.test);
  check_index(wanted, set, asked.source);
  images.pixels.append(set.image(wanted.index));
  images.labels.push_back(0);
  asked.true_class = images.class_names[set.labels[wanted.index]];
  asked.row = images.size() - 1;
}

void read_files(const PredictFlags& flags, const Recipe& recipe, std::span<Asked> asked,
                Engine& engine, const Observer& observer, Dataset& images) {
  std::vector<std::string> files;
  std::vector<Asked*> wanted;
  for (Asked& one : asked) {
    if (!one.is_file || one.error) continue;
    files.push_back(one.source);
    wanted.push_back(&one);
  }
  const std::size_t each = recipe.shape.size();
  std::vector<std::uint8_t> pixels(files.size() * each);
  const auto told = [&](std::size_t done, std::size_t all) {
    observer.work_on(fmt::format("reading pictures: {} of {}", done, all));
  };
  const auto reasons = decode_pictures(recipe, {flags.transpose, flags.invert}, {}, files, pixels,
                                       engine.team(), told);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!reasons[i].empty()) {
      const std::string name = printable(files[i]);
      const bool named = reasons[i].find(name) != std::string::npos;
      wanted[i]->error = bad_input(named ? reasons[i] : fmt::format("{}: {}", name, reasons[i]));
      continue;
    }
    const std::span<std::uint8_t> image(pixels.data() + i * each, each);
    images.pixels.append(image);
    images.labels.push_back(0);
    wanted[i]->row = images.size() - 1;
  }
}

Dataset read_images(const PredictFlags& flags, const Model& model, std::span<Asked> asked,
                    KnownImages& known, Engine& engine, const Observer& observer) {
  Dataset images{model.spec.input, {}, {}, model.class_names, {}, {}};
  read_files(flags, recipe_of(model), asked, engine, observer, images);
  for (Asked& one : asked) {
    if (one.is_file || one.error) continue;
    try {
      read_known(one, known, images);
    } catch (const Error& error) {
      one.error = error;
    }
  }
  return images;
}

// One answer in every form that it is given in.
struct Answer {
  Json json;
  std::string text;  // a line
  std::string class_name;
  std::vector<std::string> cells;  // of the table
};

std::vector<std::size_t> most_probable(std::span<const float> row, int top) {
  std::vector<std::size_t> order(row.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return row[a] > row[b]; });
  order.resize(std::min(order.size(), std::size_t(top)));
  return order;
}

Answer answer(const Asked& asked, std::span<const float> row, int top,
              const std::vector<std::string>& class_names, const Console& console) {
  const std::vector<std::size_t> best = most_probable(row, top);
  const std::string& name = class_names[best[0]];
  Json probabilities = Json::object();
  for (std::size_t c = 0; c < row.size(); ++c) probabilities[class_names[c]] = row[c];
  Answer made{{{"source", asked.source},
               {"class", name},
               {"probability", row[best[0]]},
               {"probabilities", probabilities}},
              fmt::format("{}  {}  {:.1f} %", printable(asked.source),
                          console.bold(printable(name)), 100 * row[best[0]]),
              name,
              {asked.source}};
  for (std::size_t i = 0; i < best.size(); ++i) {
    const std::string& next = class_names[best[i]];
    if (i > 0) made.text += fmt::format(", {}  {:.1f} %", printable(next), 100 * row[best[i]]);
    made.cells.push_back(next);
    made.cells.push_back(fmt::format("{}", row[best[i]]));
  }
  if (!asked.true_class.empty()) {
    made.json["true_class"] = asked.true_class;
    made.text += fmt::format("  (truly {})", printable(asked.true_class));
  }
  made.text += '\n';
  return made;
}

std::vector<std::string> table_header(int top) {
  std::vector<std::string> header = {"source", "class", "probability"};
  for (int i = 2; i <= top; ++i) {
    header.push_back(fmt::format("class_{}", i));
    header.push_back(fmt::format("probability_{}", i));
  }
  header.emplace_back("error");
  return header;
}

// The file into the folder of its class, under its name; never over another file.
void copy_to_class(const std::string& folder, const std::string& class_name,
                   const std::string& file) {
  std::string safe = class_name;
  std::ranges::replace(safe, '/', '_');
  if (safe == "." || safe == "..") safe += "_";
  const fs::path target = fs::path(folder) / safe;
  make_folder(target);
  const std::vector<std::uint8_t> bytes = read_file(file);
  const fs::path name = fs::path(file).filename();
  fs::path path = target / name;
  for (int again = 2; path_exists(path); ++again) {
    if (is_file(path) && read_file(path) == bytes) return;
    path = target / fmt::format("{}-{}{}", name.stem().string(), again, name.extension().string());
  }
  write_file_atomic(path, bytes);
}

// 2 where the user can mend something, 1 where only the machine failed.
ExitStatus status_of(const std::vector<Asked>& asked) {
  ExitStatus status = ExitStatus::kDone;
  for (const Asked& one : asked) {
    if (!one.error) continue;
    if (one.error->kind() == ErrorKind::kBadInput) return ExitStatus::kBadUsage;
    status = ExitStatus::kFailed;
  }
  return status;
}

ExitStatus run_predict(const PredictFlags& flags, Context& context) {
  constexpr std::size_t kAtOnce = 4096;  // so that any number of files fits
  Model model = open_model(flags.run);
  if (!flags.csv.empty()) check_replaceable(flags.csv, "a table of answers", "source,class,");
  std::vector<Asked> asked = sources_of(flags);
  KnownImages known(flags, model);
  const Observer& observer = context.observer();
  model.precision = choose_precision(model, flags.precision, observer);
  Engine engine(flags.threads);
  Console& console = context.console;
  const std::size_t classes = model.class_names.size();
  Json predictions = Json::array();
  Csv table(table_header(flags.top));
  if (model.precision == Precision::kInt8) console.note("predicting in int8");
  for (std::size_t first = 0; first < asked.size(); first += kAtOnce) {
    const std::span<Asked> some =
        std::span(asked).subspan(first, std::min(kAtOnce, asked.size() - first));
    const Dataset images = read_images(flags, model, some, known, engine, observer);
    console.busy("predicting");
    std::vector<float> all;
    if (images.size() > 0) {
      all = with_temperature(predict(model, engine, all_rows(images)), int(classes),
                             model.temperature.value);
    }
    std::string text;
    std::vector<CaptionedImage> pictures;
    for (const Asked& one : some) {
      if (one.error) {
        console.error(one_line(one.error->what()));
        predictions.push_back({{"source", one.source}, {"error", one.error->what()}});
        std::vector<std::string> cells(table_header(flags.top).size());
        cells.front() = one.source;
        cells.back() = one.error->what();
        table.add(cells);
        continue;
      }
      Answer made = answer(one, {all.data() + *one.row * classes, classes}, flags.top,
                           model.class_names, console);
      if (console.colour() && asked.size() <= 100) {
        pictures.push_back({text_image(image_of(images, *one.row), console.width(), true),
                            {printable(one.source), printable(made.class_name)}});
      }
      if (one.is_file && !flags.copy_to.empty()) {
        copy_to_class(flags.copy_to, made.class_name, one.source);
      }
      if (flags.csv.empty()) text += made.text;
      made.cells.resize(table_header(flags.top).size());
      table.add(made.cells);
      if (console.json()) predictions.push_back(std::move(made.json));
    }
    if (!text.empty()) console.print(image_rows(pictures, console.width()) + text);
  }
  if (!flags.csv.empty()) {
    write_file_atomic(flags.csv, table.text());
    console.print(fmt::format("{}: {} answers\n", printable(flags.csv), asked.size()));
  }
  console.result({{"predictions", predictions}, {"precision", to_string(model.precision)}});
  return status_of(asked);
}

}  // namespace

Runner declare_predict(Options& options) {
  auto flags = std::make_shared<PredictFlags>();
  options.add({
      {"RUN", &flags->run, "", "a run's folder or a model file", required()},
      {"IMAGE", &flags->images, "",
       "pictures, folders of them, - for paths on standard input, or test:N, train:N for image N "
       "of the data",
       required()},
      {"--data", &flags->data, "DIR", "where test:N looks, if not in the model's own data"},
      {"--top", &flags->top, "K", "so many classes each, the most probable first",
       between(1, 1000)},
      {"--csv", &flags->csv, "FILE", "write a table instead of printing lines"},
      {"--copy-to", &flags->copy_to, "DIR", "copy every file into DIR/CLASS"},
      {"--transpose", &flags->transpose, "", "rows of the files are columns"},
      {"--invert", &flags->invert, "", "what is dark in the files is bright"},
      {"--precision", &flags->precision, "P", kPrecisionHelp},
      threads_option(&flags->threads),
  });
  options.examples = {
      {"tailor predict runs/quick photo.png scan.jpg", "what the final model sees on two files"},
      {"tailor predict runs/quick test:17 train:3",
       "on images of its own data, with their true class"},
      {"tailor predict runs/quick inbox --csv answers.csv --top 3", "a folder of thousands"}};
  options.files =
      "Reads the model and the images, and makes them what the model was trained on (size, "
      "colours). Writes the table of --csv and the copies of --copy-to. "
      "A file that cannot be read is told in one line, the others are answered all the same, and "
      "the status is 2, or 1 where only the machine failed.";
  return [flags](Context& context) { return run_predict(*flags, context); };
}

}  // namespace tailor::internal
