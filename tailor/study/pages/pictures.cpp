#include "tailor/study/pages/pictures.hpp"

#include <algorithm>
#include <map>

#include "tailor/nn/plan.hpp"
#include "tailor/study/explanation.hpp"
#include "tailor/study/image_source.hpp"
#include "tailor/train/calibration.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kShown = 30;         // mistakes, and as many hits
constexpr std::size_t kPerCell = 12;       // a row of a confusion matrix's cell
constexpr std::size_t kCellImages = 1200;  // of all cells: 28x28 gray ones are 0.6 MB as PNG

bool right(const Pictured& picture) {
  return picture.true_class == picture.predicted_class;
}

float sureness(const Pictured& picture) {
  return picture.probabilities[std::size_t(picture.predicted_class)];
}

Pictured with_image(Pictured picture, const Dataset& test) {
  picture.image = image_of(test, picture.index);
  picture.index = test.number_of(picture.index);
  return picture;
}

// The first kShown of those wanted, after sorting; equal ones stay by index.
template <typename Wanted, typename Before>
std::vector<Pictured> first_of(const Answers& answers, Wanted wanted, Before before) {
  std::vector<Pictured> out;
  std::copy_if(answers.images.begin(), answers.images.end(), std::back_inserter(out), wanted);
  std::stable_sort(out.begin(), out.end(), before);
  if (out.size() > kShown) out.resize(kShown);
  for (Pictured& picture : out) picture = with_image(std::move(picture), answers.test);
  return out;
}

// The kernels of the first convolution that looks at the image itself.
FeatureMaps first_kernels(const Params& params, const Spec& spec) {
  for (const TensorInfo& info : params.table.weights) {
    if (info.shape.size() != 4 || info.shape[1] != spec.input.channels) continue;
    const auto values = params.weights.floats().subspan(info.offset, info.size);
    return {info.name,
            info.shape[0] * info.shape[1],
            info.shape[2],
            info.shape[3],
            {values.begin(), values.end()}};
  }
  return {};
}

// A residual's two ends under names for readers. Its start only hands its input on: no map of its
// own.
std::optional<std::string> shown_name(std::string layer) {
  constexpr std::string_view kStart = " fork", kEnd = " join";
  if (layer.ends_with(kStart)) return std::nullopt;
  if (layer.ends_with(kEnd)) {
    layer.replace(layer.size() - kEnd.size(), kEnd.size(),
                  " residual: the body added to its input");
  }
  return layer;
}

}  // namespace

Answers answers_of(const FinishedRun& run) {
  const auto classes = std::size_t(run.test.classes());
  const std::vector<float> calibrated = with_temperature(
      run.final_measured.probabilities, int(classes), run.final.model.temperature.value);
  Answers answers{run.test, {}};
  for (std::size_t i = 0; i < run.test.size(); ++i) {
    const float* row = calibrated.data() + i * classes;
    const int guess = int(std::max_element(row, row + classes) - row);
    answers.images.push_back({i, run.test.labels[i], guess, {row, row + classes}, {}});
  }
  return answers;
}

std::vector<Pictured> worst_mistakes(const Answers& answers) {
  return first_of(
      answers, [](const Pictured& p) { return !right(p); },
      [](const Pictured& a, const Pictured& b) { return sureness(a) > sureness(b); });
}

std::vector<Pictured> unsure_hits(const Answers& answers) {
  return first_of(answers, right,
                  [](const Pictured& a, const Pictured& b) { return sureness(a) < sureness(b); });
}

void add_evidence(const FinishedRun& run, int threads, std::vector<Pictured>& pictures) {
  const Model& model = run.final.model;
  Dataset set{model.spec.input, {}, {}, model.class_names, {}, {}};
  std::vector<int> classes;
  for (const Pictured& picture : pictures) {
    set.pixels.append(picture.image.pixels);
    set.labels.push_back(Label(picture.true_class));
    classes.push_back(picture.predicted_class);
  }
  Engine engine(threads);
  auto maps = evidence_maps(model, engine, all_rows(set), classes);
  for (std::size_t i = 0; i < maps.size(); ++i) pictures[i].evidence = std::move(maps[i]);
}

std::vector<Pictured> confusion_cells(const Answers& answers) {
  std::map<std::pair<int, int>, std::vector<const Pictured*>> cells;
  for (const Pictured& picture : answers.images) {
    cells[{picture.true_class, picture.predicted_class}].push_back(&picture);
  }
  const std::size_t per_cell =
      std::clamp<std::size_t>(kCellImages / std::max<std::size_t>(cells.size(), 1), 1, kPerCell);
  std::vector<Pictured> out;
  for (auto& [cell, members] : cells) {
    std::stable_sort(members.begin(), members.end(), [](const Pictured* a, const Pictured* b) {
      return sureness(*a) > sureness(*b);
    });
    if (members.size() > per_cell) members.resize(per_cell);
    for (const Pictured* picture : members) out.push_back(with_image(*picture, answers.test));
  }
  return out;
}

std::optional<Anatomy> anatomy_of(const FinishedRun& run, const Answers& answers) {
  const auto example = std::find_if(answers.images.begin(), answers.images.end(), right);
  if (example == answers.images.end()) return std::nullopt;
  Anatomy anatomy;
  anatomy.example = with_image(*example, run.test);
  const Spec& spec = run.final.model.spec;
  anatomy.kernels = first_kernels(run.final.model.params, spec);
  Engine engine(1);
  Plan plan(spec, engine, 1, Phase::kInspection, run.final.model.precision);
  plan.load(run.final.model.params);
  const std::uint8_t* pixels = run.test.image(example->index).data();
  plan.forward({&pixels, 1});
  const auto layers = plan.activations();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Shape& shape = layers[i].shape;
    if (shape.height * shape.width == 1) continue;
    const std::optional<std::string> name = shown_name(layers[i].layer);
    if (!name) continue;
    FeatureMaps maps{*name, shape.channels, shape.height, shape.width, {}};
    maps.values.resize(shape.size());
    plan.activation(i, 0, maps.values);
    anatomy.maps.push_back(std::move(maps));
  }
  return anatomy;
}

}  // namespace tailor::internal
