// tailor predict: what a trained model sees on images.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "tailor/cli/command.hpp"
#include "tailor/cli/text_image.hpp"
#include "tailor/cli/text_width.hpp"
#include "tailor/core/csv.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/replaceable.hpp"
#include "tailor/core/text.hpp"
#include "tailor/formats/image.hpp"
#include "tailor/report/picture/evidence.hpp"
#include "tailor/study/asked_images.hpp"
#include "tailor/study/explanation.hpp"
#include "tailor/study/image_source.hpp"
#include "tailor/study/model.hpp"
#include "tailor/train/calibration.hpp"
#include "tailor/train/rejection.hpp"

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
  std::string explain;
  bool transpose = false;
  bool invert = false;
  int top = 1;
  int threads = 0;
};

constexpr std::size_t kMostPictures = 100;  // that are shown or explained
constexpr const char* kUnsure = "unsure";
// A folder whose name begins so is passed over where folders are classes.
constexpr const char* kUnsureFolder = "_unsure";

std::vector<std::size_t> most_probable(std::span<const float> row, int top) {
  std::vector<std::size_t> order(row.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return row[a] > row[b]; });
  order.resize(std::size_t(top));
  return order;
}

// A folder for each class: its name where that may be one, and no other's.
std::vector<std::string> class_folders(const std::vector<std::string>& class_names) {
  std::vector<std::string> folders;
  std::set<std::string> used = {".", "..", kUnsureFolder};
  for (std::string name : class_names) {
    std::ranges::replace(name, '/', '_');
    while (!used.insert(name).second) name += "_";
    folders.push_back(name);
  }
  return folders;
}

// The file into the folder of its class, under its name; never over another file.
void copy_to_class(const std::string& folder, const std::string& folder_name,
                   const std::string& file) {
  const fs::path target = fs::path(folder) / folder_name;
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

// One answer: the calibrated probabilities, the best classes, and whether it is kept back.
struct Answer {
  std::span<const float> row;
  std::vector<std::size_t> best;
  bool unsure = false;

  float probability(std::size_t place = 0) const { return row[best[place]]; }
};

// Answers in every form that was asked for, as they come.
class Answers {
 public:
  Answers(const PredictFlags& flags, const Model& model, Console& console)
      : flags_(flags),
        model_(model),
        console_(console),
        folders_(class_folders(model.class_names)),
        table_(header()) {}

  Answer answer(std::span<const float> row) const {
    return {row, most_probable(row, classes()), is_unsure(model_.rejection, row)};
  }

  void add(const Asked& asked, const Answer& answer) {
    if (!flags_.csv.empty()) add_row(asked, answer);
    if (flags_.csv.empty()) text_ += line(asked, answer);
    if (console_.json()) predictions_.push_back(json(asked, answer));
  }

  void copy(Asked& asked, const Answer& answer) {
    try {
      copy_to_class(flags_.copy_to, answer.unsure ? kUnsureFolder : folders_[answer.best.front()],
                    asked.source);
    } catch (const Error& error) {
      asked.error = error;
      console_.error(one_line(error.what()));
    }
  }

  void refuse(const Asked& asked) {
    console_.error(one_line(asked.error->what()));
    if (console_.json()) {
      predictions_.push_back({{"source", asked.source}, {"error", asked.error->what()}});
    }
    if (flags_.csv.empty()) return;
    std::vector<std::string> cells(header().size());
    cells.front() = asked.source;
    cells.back() = asked.error->what();
    table_.add(cells);
  }

  void show(const Asked& asked, const Answer& answer, const Image& picture) {
    pictures_.push_back(
        {text_image(picture, console_.width(), true),
         {printable(asked.source), answer.unsure ? kUnsure : printable(name(answer))}});
  }

  // What was gathered since the last call, for who waits at a terminal.
  void print() {
    if (!text_.empty()) console_.print(image_rows(pictures_, console_.width()) + text_);
    text_.clear();
    pictures_.clear();
  }

  void finish(std::size_t asked) {
    if (!flags_.csv.empty()) {
      write_file_atomic(flags_.csv, table_.text());
      console_.print(fmt::format("{}: {} answers\n", printable(flags_.csv), asked));
    }
    console_.result({{"predictions", predictions_}, {"precision", to_string(model_.precision)}});
  }

  // "unsure, perhaps Shirt  43.1 %".
  std::string words(const Answer& answer) const {
    return fmt::format(
        "{}  {:.1f} %",
        answer.unsure ? fmt::format("{}, perhaps {}", kUnsure, name(answer)) : name(answer),
        100 * answer.probability());
  }

 private:
  int classes() const { return std::min(flags_.top, model_.spec.classes); }
  const std::string& name(const Answer& answer, std::size_t place = 0) const {
    return model_.class_names[answer.best[place]];
  }

  std::vector<std::string> header() const {
    std::vector<std::string> header = {"source", "class", "probability"};
    for (int i = 2; i <= classes(); ++i) {
      header.push_back(fmt::format("class_{}", i));
      header.push_back(fmt::format("probability_{}", i));
    }
    if (model_.rejection.below) header.emplace_back(kUnsure);
    header.emplace_back("error");
    return header;
  }

  void add_row(const Asked& asked, const Answer& answer) {
    std::vector<std::string> cells = {asked.source};
    for (std::size_t i = 0; i < answer.best.size(); ++i) {
      cells.push_back(name(answer, i));
      cells.push_back(fmt::format("{}", answer.probability(i)));
    }
    if (model_.rejection.below) cells.emplace_back(answer.unsure ? "true" : "false");
    cells.emplace_back();
    table_.add(cells);
  }

  std::string line(const Asked& asked, const Answer& answer) const {
    std::string text = printable(asked.source) + "  " + console_.bold(printable(words(answer)));
    for (std::size_t i = 1; i < answer.best.size(); ++i) {
      text +=
          fmt::format(", {}  {:.1f} %", printable(name(answer, i)), 100 * answer.probability(i));
    }
    if (!asked.true_class.empty()) {
      text += fmt::format("  (truly {})", printable(asked.true_class));
    }
    return text + '\n';
  }

  Json json(const Asked& asked, const Answer& answer) const {
    Json probabilities = Json::object();
    for (std::size_t c = 0; c < answer.row.size(); ++c) {
      probabilities[model_.class_names[c]] = answer.row[c];
    }
    Json json = {{"source", asked.source},
                 {"class", name(answer)},
                 {"probability", answer.probability()},
                 {"probabilities", std::move(probabilities)}};
    if (model_.rejection.below) json[kUnsure] = answer.unsure;
    if (!asked.true_class.empty()) json["true_class"] = asked.true_class;
    return json;
  }

  const PredictFlags& flags_;
  const Model& model_;
  Console& console_;
  const std::vector<std::string> folders_;
  Csv table_;
  Json predictions_ = Json::array();
  std::string text_;
  std::vector<CaptionedImage> pictures_;
};

// What decided the answers, as a picture.
void explain(const PredictFlags& flags, const Model& model, Engine& engine,
             const std::vector<Asked>& asked, const Dataset& images,
             const std::vector<Answer>& answers, const Answers& said) {
  std::vector<Explained> explained;
  Rows rows{&images, {}};
  std::vector<int> classes;
  for (const Asked& one : asked) {
    if (!one.row) continue;
    const Answer& answer = answers[*one.row];
    rows.indices.push_back(std::uint32_t(*one.row));
    classes.push_back(int(answer.best.front()));
    explained.push_back({image_of(images, *one.row), {}, said.words(answer), one.source});
  }
  if (explained.empty()) return;
  std::vector<std::vector<float>> maps = evidence_maps(model, engine, rows, classes);
  for (std::size_t i = 0; i < maps.size(); ++i) explained[i].evidence = std::move(maps[i]);
  write_file_atomic(flags.explain, encode_png(evidence_sheet(explained)));
}

void check_flags(const PredictFlags& flags, const std::vector<Asked>& asked) {
  if (!flags.csv.empty()) check_replaceable(flags.csv, "a table of answers", "source,class,");
  if (flags.explain.empty()) return;
  if (flags.explain == flags.csv) throw bad_input("--csv and --explain name the same file");
  check_replaceable(flags.explain, "a PNG", "\x89PNG");
  for (const Asked& one : asked) {
    if (!one.is_file || !path_exists(flags.explain) || !path_exists(one.source)) continue;
    if (!same_place(flags.explain, one.source)) continue;
    throw bad_input(
        fmt::format("--explain would replace {}, which is asked about", printable(one.source)));
  }
  if (asked.size() <= kMostPictures) return;
  throw bad_input(fmt::format("--explain draws up to {} images, and these are {}; name fewer",
                              kMostPictures, grouped(double(asked.size()))));
}

ExitStatus run_predict(const PredictFlags& flags, Context& context) {
  constexpr std::size_t kAtOnce = 4096;  // so that any number of files fits
  Model model = open_model(flags.run);
  std::vector<Asked> asked = asked_sources(flags.images);
  check_flags(flags, asked);
  AskedImages source(model, flags.data, {flags.transpose, flags.invert});
  model.precision = choose_precision(model, flags.precision, context.observer());
  Engine engine(flags.threads);
  Console& console = context.console;
  Answers said(flags, model, console);
  const bool shows = console.colour() && asked.size() <= kMostPictures;
  if (model.precision == Precision::kInt8) console.note("predicting in int8");
  for (std::size_t first = 0; first < asked.size(); first += kAtOnce) {
    const std::span<Asked> some =
        std::span(asked).subspan(first, std::min(kAtOnce, asked.size() - first));
    const Dataset images = source.read(some, engine, context.observer());
    console.busy("predicting");
    std::vector<float> all;
    if (images.size() > 0) {
      all = with_temperature(predict(model, engine, all_rows(images)), model.spec.classes,
                             model.temperature.value);
    }
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < images.size(); ++i) {
      const auto classes = std::size_t(model.spec.classes);
      answers.push_back(said.answer({all.data() + i * classes, classes}));
    }
    for (Asked& one : some) {
      if (!one.row) {
        said.refuse(one);
        continue;
      }
      if (shows) said.show(one, answers[*one.row], image_of(images, *one.row));
      said.add(one, answers[*one.row]);
      if (one.is_file && !flags.copy_to.empty()) said.copy(one, answers[*one.row]);
    }
    said.print();
    if (!flags.explain.empty()) explain(flags, model, engine, asked, images, answers, said);
  }
  said.finish(asked.size());
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
      {"--explain", &flags->explain, "FILE",
       "a PNG that shows beside every image which parts of it decided"},
      {"--transpose", &flags->transpose, "", "rows of the files are columns"},
      {"--invert", &flags->invert, "", "what is dark in the files is bright"},
      {"--precision", &flags->precision, "P", kPrecisionHelp},
      threads_option(&flags->threads),
  });
  options.examples = {
      {"tailor predict runs/quick photo.png scan.jpg", "what the final model sees on two files"},
      {"tailor predict runs/quick test:17 train:3",
       "on images of its own data, with their true class"},
      {"tailor predict runs/quick inbox --csv answers.csv --top 3", "a folder of thousands"},
      {"tailor predict runs/quick photo.png --explain why.png", "what decided the answer"}};
  options.files =
      "Reads the model and the images, and makes them what the model was trained on (size, "
      "colours). Writes the table of --csv, the copies of --copy-to (unsure ones into DIR/_unsure, "
      "where the model keeps such answers back) and the picture of --explain. "
      "A file that cannot be read is told in one line, the others are answered all the same, and "
      "the status is 2, or 1 where only the machine failed.";
  return [flags](Context& context) { return run_predict(*flags, context); };
}

}  // namespace tailor::internal
