// tailor quantize: what a trained model needs to predict in int8, measured on training images.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/command.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/text.hpp"
#include "tailor/study/model.hpp"
#include "tailor/study/own_data.hpp"
#include "tailor/train/quantization.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

constexpr double kMostLost = 0.001;      // of accuracy, before it takes --force
constexpr std::uint64_t kSliceSeed = 0;  // the same images for every model

struct QuantizeFlags {
  std::string run;
  std::string data;
  std::string out;
  int images = 2048;
  int threads = 0;
  bool force = false;
};

// The images that are measured, and those that then say what int8 costs: the rest, or the same
// where there is no rest.
struct Halves {
  Rows measured, checked;
};

Halves split(const Dataset& set, std::size_t images) {
  Halves halves{slice_of(set, images, kSliceSeed), {&set, {}}};
  std::ranges::set_difference(all_rows(set).indices, halves.measured.indices,
                              std::back_inserter(halves.checked.indices));
  if (halves.checked.empty()) halves.checked = halves.measured;
  return halves;
}

struct Cost {
  double f32 = 0, int8 = 0;  // accuracies
  double agreement = 0;      // share of images on which both say the same
  std::size_t images = 0;
  double lost() const { return f32 - int8; }
};

std::vector<std::size_t> answers(const std::vector<float>& probabilities, std::size_t classes) {
  std::vector<std::size_t> list;
  for (auto row = probabilities.begin(); row != probabilities.end();
       row += std::ptrdiff_t(classes)) {
    list.push_back(std::size_t(std::max_element(row, row + std::ptrdiff_t(classes)) - row));
  }
  return list;
}

Cost cost_of(const Model& model, Engine& engine, const Rows& rows) {
  const std::size_t classes = model.class_names.size();
  const auto in = [&](Precision precision) {
    return answers(predict(model.spec, model.params, engine, precision, rows), classes);
  };
  const std::vector<std::size_t> f32 = in(Precision::kF32);
  const std::vector<std::size_t> int8 = in(Precision::kInt8);
  const std::vector<Label> truth = labels_of(rows);
  Cost cost;
  cost.images = truth.size();
  for (std::size_t i = 0; i < truth.size(); ++i) {
    cost.f32 += f32[i] == truth[i];
    cost.int8 += int8[i] == truth[i];
    cost.agreement += int8[i] == f32[i];
  }
  for (double* sum : {&cost.f32, &cost.int8, &cost.agreement}) *sum /= double(truth.size());
  return cost;
}

fs::path default_out(const fs::path& model) {
  return fs::path(model).replace_filename(model.stem().string() + "-int8.safetensors");
}

ExitStatus run_quantize(const QuantizeFlags& flags, Context& context) {
  Model model = open_model(flags.run);
  if (!cpu_info().vnni) {
    throw bad_input("tailor quantize needs a CPU with AVX-512 VNNI, to see what int8 costs");
  }
  model.experiment.data = data_for(model, flags.data);
  const Dataset set = load_set(model.experiment, Split::kTrain);
  check_fits(model, set, model.experiment.data.dir);
  const fs::path out = flags.out.empty() ? default_out(model.file) : fs::path(flags.out);
  if (path_exists(out) && !read_model_card(out).contains("int8")) {
    throw bad_input(fmt::format(
        "{} is there and is no quantised model; name another file with --out", out.string()));
  }
  check_writable(out);
  const Halves halves = split(set, std::size_t(flags.images));
  Engine engine(flags.threads);
  context.console.busy("measuring ranges");
  model.params.ranges = measure_ranges(model.spec, model.params, engine, halves.measured);
  context.console.busy("comparing int8 and f32");
  const Cost cost = cost_of(model, engine, halves.checked);
  const std::string told =
      fmt::format("{:.2f} % in int8, {:.2f} % in f32, on {} {}training images", 100 * cost.int8,
                  100 * cost.f32, grouped(double(cost.images)),
                  halves.checked.indices == halves.measured.indices ? "" : "other ");
  if (cost.lost() > kMostLost && !flags.force) {
    throw failure(
        fmt::format("int8 would lose {:.2f} points of accuracy ({}); nothing was written, "
                    "--force writes it all the same",
                    100 * cost.lost(), told));
  }
  set_ranges(model.card, model.params.ranges, std::int64_t(halves.measured.size()));
  save_model(out, model.card, model.params);
  context.console.print(fmt::format("accuracy   {}\nagreement  {:.2f} %\nmodel      {}", told,
                                    100 * cost.agreement, out.string()));
  context.console.result({{"model", out.string()},
                          {"images", halves.measured.size()},
                          {"checked_images", cost.images},
                          {"f32_accuracy", cost.f32},
                          {"int8_accuracy", cost.int8},
                          {"agreement", cost.agreement}});
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_quantize(Options& options) {
  auto flags = std::make_shared<QuantizeFlags>();
  options.add({
      {"RUN", &flags->run, "", "a run's folder or a model file", required()},
      {"--data", &flags->data, "DIR", "whose training images, if not the model's own"},
      {"--images", &flags->images, "N", "to measure on; the others say what int8 costs",
       between(1, 1'000'000)},
      {"--out", &flags->out, "FILE", "file to write; NAME-int8.safetensors beside it if left out"},
      {"--force", &flags->force, "", "also where int8 loses more than 0.1 points of accuracy"},
      threads_option(&flags->threads),
  });
  options.examples = {
      {"tailor quantize runs/quick", "writes runs/quick/model-int8.safetensors beside the model"},
      {"tailor quantize my-model --out small.safetensors --force", "also where accuracy suffers"}};
  options.files = "Reads the model and training images; writes one model file.";
  return [flags](Context& context) { return run_quantize(*flags, context); };
}

}  // namespace tailor::internal
