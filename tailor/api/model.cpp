#include <fmt/format.h>

#include <optional>

#include "tailor/api/access.hpp"
#include "tailor/api/border.hpp"
#include "tailor/nn/predictor.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/train/calibration.hpp"
#include "tailor/train/finite.hpp"

namespace tailor {
namespace {

using internal::Access;

// As many pointers as there are images in `pixels`.
std::vector<const std::uint8_t*> images_in(std::span<const std::uint8_t> pixels,
                                           const Shape& shape) {
  if (pixels.size() % shape.size() != 0) {
    throw bad_input(fmt::format("{} bytes are no whole number of images of {}: {} bytes each",
                                pixels.size(), to_string(shape), shape.size()));
  }
  std::vector<const std::uint8_t*> images;
  for (std::size_t at = 0; at < pixels.size(); at += shape.size()) images.push_back(&pixels[at]);
  return images;
}

}  // namespace

Model::Model(std::shared_ptr<const internal::Model> inside) : inside_(std::move(inside)) {}

Model Model::load(const std::filesystem::path& run_or_file) {
  return internal::at_border([&] {
    internal::Model model = internal::open_model(run_or_file);
    model.precision = internal::choose_precision(model, "", {});
    return Access::show(std::move(model));
  });
}

void Model::save(const std::filesystem::path& file) const {
  internal::at_border([&] { internal::save_model(file, inside_->card, inside_->params); });
}

Shape Model::input() const {
  return inside_->spec.input;
}

const std::vector<std::string>& Model::class_names() const {
  return inside_->class_names;
}

std::size_t Model::parameters() const {
  return inside_->params.table.weight_count;
}

Experiment Model::experiment() const {
  return Access::show(inside_->experiment);
}

std::vector<float> Model::predict(std::span<const std::uint8_t> pixels, int threads) const {
  return Predictor(*this, threads).predict(pixels);
}

Evaluation Model::evaluate(const Dataset& images, int threads) const {
  return internal::at_border([&] {
    internal::check_dataset(images);
    internal::check_fits(*inside_, images, "what is evaluated");
    internal::Engine engine(threads);
    const std::vector<float> probabilities =
        internal::predict(*inside_, engine, internal::all_rows(images));
    const internal::Evaluation all =
        internal::evaluate_predictions(probabilities, images.labels, inside_->class_names);
    return Evaluation{.images = all.images,
                      .accuracy = all.accuracy,
                      .interval_low = all.interval_low,
                      .interval_high = all.interval_high,
                      .loss = all.loss,
                      .top2 = all.top2,
                      .confusion = all.confusion};
  });
}

struct Predictor::Inside {
  std::shared_ptr<const internal::Model> model;
  internal::Engine engine;
  std::optional<internal::Predictor> one, many;

  Inside(std::shared_ptr<const internal::Model> shown, int threads)
      : model(std::move(shown)), engine(threads) {}

  internal::Predictor& for_images(std::size_t count) {
    std::optional<internal::Predictor>& wanted = count == 1 ? one : many;
    if (!wanted) {
      const int batch = count == 1 ? 1 : internal::kPredictBatch;
      wanted.emplace(model->spec, engine, batch, model->precision);
      wanted->load(model->params);
    }
    return *wanted;
  }
};

Predictor::Predictor(const Model& model, int threads)
    : inside_(internal::at_border(
          [&] { return std::make_unique<Inside>(Access::of(model), threads); })) {}
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;
Predictor::~Predictor() = default;

std::vector<float> Predictor::predict(std::span<const std::uint8_t> pixels) {
  return internal::at_border([&]() -> std::vector<float> {
    const internal::Model& model = *inside_->model;
    const auto images = images_in(pixels, model.spec.input);
    if (images.empty()) return {};
    inside_->engine.enter();
    std::vector<float> out(images.size() * model.class_names.size());
    inside_->for_images(images.size()).probabilities(images, out);
    internal::check_answers(out, model.spec.classes);
    return internal::with_temperature(out, int(model.class_names.size()), model.temperature.value);
  });
}

}  // namespace tailor
