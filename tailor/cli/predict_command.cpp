// tailor predict: what a trained model sees on images.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/cli/model_files.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/formats/image.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor {
namespace {

struct PredictFlags {
  std::string run;
  std::vector<std::string> images;
  std::string data;
  std::string precision;
  int threads = 0;
};

// The 17 of "idx:17", "test:17" or a mere "17" that is no file, or nothing for a file's name.
std::optional<std::size_t> test_index(const std::string& source) {
  const std::size_t colon = source.find(':');
  const std::string kind = source.substr(0, colon);
  const bool prefixed = colon != std::string::npos && (kind == "idx" || kind == "test");
  std::size_t index = 0;
  const char* end = source.data() + source.size();
  const char* digits = source.data() + (prefixed ? colon + 1 : 0);
  const auto [stop, status] = std::from_chars(digits, end, index);
  if (status == std::errc() && stop == end) {
    if (!prefixed && std::filesystem::exists(source)) return std::nullopt;
    return index;
  }
  if (prefixed) throw bad_input(fmt::format("{} names no test image; write {}:17", source, kind));
  return std::nullopt;
}

// Images to look at, in the order asked for, with their true class where it is known.
struct Question {
  Dataset images;
  std::vector<std::string> true_classes;  // "" = unknown
};

void add_test_image(Question& question, const Dataset& test, std::size_t index,
                    const std::string& source) {
  if (index >= test.size()) {
    throw bad_input(fmt::format("{}: there are only {} test images, 0 to {}", source, test.size(),
                                test.size() - 1));
  }
  const auto pixels = test.image(index);
  question.images.pixels.insert(question.images.pixels.end(), pixels.begin(), pixels.end());
  question.images.labels.push_back(0);
  question.true_classes.push_back(question.images.class_names[test.labels[index]]);
}

void add_file(Question& question, const std::string& source) {
  const Shape& wanted = question.images.shape;
  const Image image = decode_image(read_file(source), wanted.channels, source);
  if (image.height != wanted.height || image.width != wanted.width) {
    throw bad_input(fmt::format("{} is {}x{} pixels, but the model takes {}x{}; scale it first",
                                source, image.height, image.width, wanted.height, wanted.width));
  }
  question.images.pixels.insert(question.images.pixels.end(), image.pixels.begin(),
                                image.pixels.end());
  question.images.labels.push_back(0);
  question.true_classes.push_back("");
}

Question read_images(const PredictFlags& flags, const LoadedModel& model) {
  Question question;
  question.images.shape = model.spec.input;
  question.images.class_names = model.class_names;
  std::optional<Dataset> test;
  for (const std::string& source : flags.images) {
    const auto index = test_index(source);
    if (!index) {
      add_file(question, source);
      continue;
    }
    if (!test) {
      const std::string dir = flags.data.empty() ? model.experiment.data.dir : flags.data;
      test = load_split(dir, Split::kTest);
      check_fits(model, *test, dir);
    }
    add_test_image(question, *test, *index, source);
  }
  return question;
}

ExitStatus run_predict(const PredictFlags& flags, Context& context) {
  LoadedModel model = open_model(flags.run);
  const Question question = read_images(flags, model);
  const Precision precision =
      flags.precision.empty() ? model.precision : parse_precision(flags.precision);
  Engine engine(flags.threads);
  const std::vector<float> all =
      predict(model.spec, model.params, engine, precision, all_rows(question.images));
  const std::size_t classes = model.class_names.size();
  Json predictions = Json::array();
  std::string text;
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
                        context.console.bold(model.class_names[best]), 100 * row[best]);
    if (!question.true_classes[i].empty()) {
      prediction["true_class"] = question.true_classes[i];
      text += fmt::format("  (truly {})", question.true_classes[i]);
    }
    text += '\n';
    predictions.push_back(std::move(prediction));
  }
  context.console.print(text);
  context.console.result({{"predictions", predictions}});
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_predict(CLI::App& app) {
  auto flags = std::make_shared<PredictFlags>();
  app.add_option("RUN", flags->run, "a run's folder or a model file")->required()->type_name("");
  app.add_option("IMAGE", flags->images, "PNG or JPEG files, or idx:N for test image N")
      ->required()
      ->type_name("");
  app.add_option("--data", flags->data, "where idx:N looks, if not in the model's own data")
      ->type_name("DIR");
  app.add_option("--precision", flags->precision, "bf16, f32 or auto; as trained if left out")
      ->type_name("P");
  app.add_option("--threads", flags->threads, "0 = all cores")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  return [flags](Context& context) { return run_predict(*flags, context); };
}

}  // namespace tailor
