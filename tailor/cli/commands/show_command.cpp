// tailor show: any net as a table, or as layers to start from.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/command.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/fields.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/text.hpp"
#include "tailor/nn/params.hpp"
#include "tailor/study/model.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

struct NetFlags {
  std::string net;
  ExperimentFlags experiment;
  bool toml = false;
};

bool is_named_net(const std::string& name) {
  const std::vector<std::string> names = model_names();
  return name != "custom" && std::find(names.begin(), names.end(), name) != names.end();
}

// What the net is for: the data's images, or where there are none those of MNIST.
Dataset outline_of(const NetFlags& flags, const Experiment& experiment, Context& context) {
  if (flags.experiment.data || is_folder(experiment.data.dir)) {
    return load_outline(experiment.data);
  }
  Dataset set;
  set.shape = {.channels = 1, .height = 28, .width = 28};
  set.class_names.resize(10);
  context.console.note(fmt::format("there are no data in {}: shown for images of {} and 10 classes",
                                   printable(experiment.data.dir), picture_text(set.shape)));
  return set;
}

Spec net_of_model(const NetFlags& flags) {
  const ExperimentFlags& f = flags.experiment;
  if (f.data || f.kernels || !f.set.empty()) {
    throw bad_input("a trained model is shown as it is: only --toml and --json may be given");
  }
  return open_model(flags.net).spec;
}

Spec net_of(const NetFlags& flags, Context& context) {
  const fs::path path = flags.net;
  const bool named = is_named_net(flags.net);
  if (!named && !path_exists(path)) {
    const std::string near = nearest_name(flags.net, model_names());
    throw bad_input(fmt::format(
        "there is no net {}; {}", excerpt(flags.net),
        near.empty() ? "name seed, air, an experiment's file, a model file or a run's folder"
                     : "did you mean " + near + "?"));
  }
  const bool half_done = is_folder(path) && !path_exists(path / "model.safetensors") &&
                         path_exists(path / "experiment.toml");
  const bool trained = !half_done && (is_folder(path) || path.extension() == ".safetensors");
  if (!named && trained) return net_of_model(flags);
  ExperimentFlags from = flags.experiment;
  if (named) {
    from.model = flags.net;
  } else {
    from.file = half_done ? path / "experiment.toml" : path;
  }
  const Experiment experiment = read_experiment(from);
  const Dataset set = outline_of(flags, experiment, context);
  return make_spec(experiment.model, set.shape, set.classes());
}

Json json_of(const Shape& shape) {
  return {shape.height, shape.width, shape.channels};
}

Json json_of(const Spec& spec) {
  Json layers = Json::array();
  for (const LayerSummary& row : layer_summaries(spec)) {
    layers.push_back({{"layer", row.name},
                      {"type", row.type},
                      {"settings", row.settings},
                      {"output", json_of(row.output)},
                      {"parameters", row.params},
                      {"multiply_adds", row.multiply_adds}});
  }
  const ParamTable table = param_table(spec);
  return {{"input", json_of(spec.input)},
          {"classes", spec.classes},
          {"layers", layers},
          {"parameters", table.weight_count},
          {"running_statistics", table.state_count},
          {"multiply_adds", multiply_adds(spec)},
          {"toml", layers_toml(spec)}};
}

ExitStatus run_show_net(const NetFlags& flags, Context& context) {
  const Spec spec = net_of(flags, context);
  context.console.print(flags.toml ? layers_toml(spec) : summary(spec));
  context.console.result(json_of(spec));
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_show(Options& options) {
  auto flags = std::make_shared<NetFlags>();
  options.add({{"NET", &flags->net, "",
                "seed, air, an experiment's file, a model file or a run's folder", required()}});
  add_experiment_flags(options, flags->experiment, FileArgument::kNone, {"data.dir", "model."});
  options.named("--model").rules.hidden = true;
  options.add({{"--toml", &flags->toml, "", "as [[model.layer]] tables for an experiment"}});
  options.examples = {
      {"tailor show seed", "the layers, their sizes, weights and work"},
      {"tailor show air --kernels 24 --toml > mine.toml", "layers to change, in a file to train"},
      {"tailor show experiments/quick.toml", "the net of an experiment"}};
  options.files =
      "Reads NET, and of the data the labels and the size of the images. Writes nothing.";
  return [flags](Context& context) { return run_show_net(*flags, context); };
}

}  // namespace tailor::internal
