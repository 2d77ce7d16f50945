// tailor predict: what a trained model sees on images.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/cli/text_image.hpp"
#include "tailor/cli/text_width.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/text.hpp"
#include "tailor/formats/image.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/image_source.hpp"
#include "tailor/study/model.hpp"
#include "tailor/study/own_data.hpp"
#include "tailor/train/calibration.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {
namespace {

struct PredictFlags {
  std::string run;
  std::vector<std::string> images;
  std::string data;
  std::string precision;
  int threads = 0;
};

// What came of one source, as typed: a row of the images to look at, or an error.
struct Asked {
  std::string source;
  std::optional<std::size_t> row;
  std::string true_class;  // "" = unknown
  std::optional<Error> error;
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

void add_image(Dataset& images, std::span<const std::uint8_t> pixels) {
  images.pixels.append(pixels);
  images.labels.push_back(0);
}

void read_source(Asked& asked, const Recipe& recipe, KnownImages& known, Dataset& images) {
  const std::string& source = asked.source;
  const auto wanted = parse_image_source(source, true);
  if (!wanted || (source.find(':') == std::string::npos && path_exists(source))) {
    add_image(images, read_image(source, recipe).pixels);
  } else {
    const Dataset& set = known.split(wanted->test);
    check_index(*wanted, set, source);
    add_image(images, set.image(wanted->index));
    asked.true_class = images.class_names[set.labels[wanted->index]];
  }
  asked.row = images.size() - 1;
}

// Every source on its own: a bad one must not cost the answers to the others.
Question read_images(const PredictFlags& flags, const Model& model) {
  Question question;
  question.images.shape = model.spec.input;
  question.images.class_names = model.class_names;
  KnownImages known(flags, model);
  const Recipe recipe = recipe_of(model);
  for (const std::string& source : flags.images) {
    Asked& asked = question.asked.emplace_back(Asked{source, {}, "", {}});
    try {
      read_source(asked, recipe, known, question.images);
    } catch (const Error& error) {
      asked.error = error;
    }
  }
  return question;
}

// One answer in every form that it is given in.
struct Answer {
  Json json;
  std::string text;  // a line
  std::string class_name;
};

Answer answer(const Asked& asked, std::span<const float> row,
              const std::vector<std::string>& class_names, const Console& console) {
  const auto best = std::size_t(std::max_element(row.begin(), row.end()) - row.begin());
  const std::string& name = class_names[best];
  Json probabilities = Json::object();
  for (std::size_t c = 0; c < row.size(); ++c) probabilities[class_names[c]] = row[c];
  Answer made{{{"source", asked.source},
               {"class", name},
               {"probability", row[best]},
               {"probabilities", probabilities}},
              fmt::format("{}  {}  {:.1f} %", printable(asked.source),
                          console.bold(printable(name)), 100 * row[best]),
              name};
  if (!asked.true_class.empty()) {
    made.json["true_class"] = asked.true_class;
    made.text += fmt::format("  (truly {})", printable(asked.true_class));
  }
  made.text += '\n';
  return made;
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
  Model model = open_model(flags.run);
  const Question question = read_images(flags, model);
  model.precision = choose_precision(model, flags.precision, context.observer());
  Engine engine(flags.threads);
  context.console.busy("predicting");
  const std::size_t classes = model.class_names.size();
  std::vector<float> all;
  if (question.images.size() > 0) {
    all = with_temperature(predict(model, engine, all_rows(question.images)), int(classes),
                           model.temperature.value);
  }
  Console& console = context.console;
  Json predictions = Json::array();
  std::string text;
  std::vector<CaptionedImage> pictures;
  if (model.precision == Precision::kInt8) console.note("predicting in int8");
  for (const Asked& asked : question.asked) {
    if (asked.error) {
      console.error(one_line(asked.error->what()));
      predictions.push_back({{"source", asked.source}, {"error", asked.error->what()}});
      continue;
    }
    Answer made =
        answer(asked, {all.data() + *asked.row * classes, classes}, model.class_names, console);
    if (console.colour()) {
      pictures.push_back({text_image(image_of(question.images, *asked.row), console.width(), true),
                          {printable(asked.source), printable(made.class_name)}});
    }
    text += made.text;
    predictions.push_back(std::move(made.json));
  }
  if (!text.empty()) console.print(image_rows(pictures, console.width()) + text);
  console.result({{"predictions", predictions}, {"precision", to_string(model.precision)}});
  return status_of(question.asked);
}

}  // namespace

Runner declare_predict(Options& options) {
  auto flags = std::make_shared<PredictFlags>();
  options.add({
      {"RUN", &flags->run, "", "a run's folder or a model file", required()},
      {"IMAGE", &flags->images, "", "PNG or JPEG files, or test:N, train:N for image N of the data",
       required()},
      {"--data", &flags->data, "DIR", "where test:N looks, if not in the model's own data"},
      {"--precision", &flags->precision, "P", kPrecisionHelp},
      threads_option(&flags->threads),
  });
  options.examples = {
      {"tailor predict runs/quick photo.png scan.jpg", "what the final model sees on two files"},
      {"tailor predict runs/quick test:17 train:3",
       "on images of its own data, with their true class"}};
  options.files =
      "Reads the model and the images, of the size that the model was trained on. Writes nothing. "
      "A file that cannot be read is told in one line, the others are answered all the same, and "
      "the status is 2, or 1 where only the machine failed.";
  return [flags](Context& context) { return run_predict(*flags, context); };
}

}  // namespace tailor::internal
