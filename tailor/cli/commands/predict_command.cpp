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

// Images to look at, in the order asked for, with their true class where it is known.
struct Question {
  Dataset images;
  std::vector<std::string> true_classes;  // "" = unknown
};

void add_known_image(Question& question, const Dataset& set, std::size_t index) {
  const auto pixels = set.image(index);
  question.images.pixels.insert(question.images.pixels.end(), pixels.begin(), pixels.end());
  question.images.labels.push_back(0);
  question.true_classes.push_back(question.images.class_names[set.labels[index]]);
}

void add_file(Question& question, const std::string& source) {
  const Image image = read_image(source, question.images.shape);
  question.images.pixels.insert(question.images.pixels.end(), image.pixels.begin(),
                                image.pixels.end());
  question.images.labels.push_back(0);
  question.true_classes.push_back("");
}

Question read_images(const PredictFlags& flags, const Model& model) {
  Question question;
  question.images.shape = model.spec.input;
  question.images.class_names = model.class_names;
  std::optional<Dataset> sets[2];
  for (const std::string& source : flags.images) {
    const auto wanted = parse_image_source(source, true);
    if (!wanted || (source.find(':') == std::string::npos && path_exists(source))) {
      add_file(question, source);
      continue;
    }
    std::optional<Dataset>& set = sets[wanted->test];
    if (!set) {
      const std::string dir = data_for(model, flags.data).dir;
      set = load_split(dir, wanted->test ? Split::kTest : Split::kTrain);
      check_fits(model, *set, dir);
    }
    check_index(*wanted, *set, source);
    add_known_image(question, *set, wanted->index);
  }
  return question;
}

ExitStatus run_predict(const PredictFlags& flags, Context& context) {
  Model model = open_model(flags.run);
  const Question question = read_images(flags, model);
  model.precision = choose_precision(model, flags.precision, context.observer());
  Engine engine(flags.threads);
  context.console.busy("predicting");
  const std::vector<float> all =
      with_temperature(predict(model, engine, all_rows(question.images)),
                       int(model.class_names.size()), model.temperature.value);
  const std::size_t classes = model.class_names.size();
  Json predictions = Json::array();
  Console& console = context.console;
  std::string text;
  std::vector<CaptionedImage> pictures;
  for (std::size_t i = 0; i < flags.images.size(); ++i) {
    const std::span<const float> row(all.data() + i * classes, classes);
    const auto best = std::size_t(std::max_element(row.begin(), row.end()) - row.begin());
    Json probabilities = Json::object();
    for (std::size_t c = 0; c < classes; ++c) probabilities[model.class_names[c]] = row[c];
    Json prediction = {{"source", flags.images[i]},
                       {"class", model.class_names[best]},
                       {"probability", row[best]},
                       {"probabilities", probabilities}};
    text += fmt::format("{}  {}  {:.1f} %", flags.images[i],
                        console.bold(printable(model.class_names[best])), 100 * row[best]);
    if (!question.true_classes[i].empty()) {
      prediction["true_class"] = question.true_classes[i];
      text += fmt::format("  (truly {})", printable(question.true_classes[i]));
    }
    text += '\n';
    if (console.colour()) {
      pictures.push_back({text_image(image_of(question.images, i), console.width(), true),
                          {printable(flags.images[i]), printable(model.class_names[best])}});
    }
    predictions.push_back(std::move(prediction));
  }
  if (model.precision == Precision::kInt8) console.note("predicting in int8");
  console.print(image_rows(pictures, console.width()) + text);
  console.result({{"predictions", predictions}, {"precision", to_string(model.precision)}});
  return ExitStatus::kDone;
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
  return [flags](Context& context) { return run_predict(*flags, context); };
}

}  // namespace tailor::internal
