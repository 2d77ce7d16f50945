// Small nets against PyTorch (tools/golden/models.py): logits, loss, every gradient, ten training
// steps, and what the trained net predicts; in f32 and bf16, on one thread and two.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tailor/core/file.hpp"
#include "tailor/formats/safetensors.hpp"
#include "tailor/nn/params.hpp"
#include "tailor/nn/plan.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"
#include "tailor/ops/own/bf16/ops.hpp"
#include "tailor/study/experiment/experiment.hpp"
#include "tailor/train/optimizer.hpp"
#include "tailor/train/schedule.hpp"

namespace tailor::internal {
namespace {

constexpr int kSteps = 10;

// The golden values come from float64, and every case is one that float32 reproduces to 1e-5
// (models.py). Measured with oneDNN 2.6 on AVX-512: all within 2e-6.
constexpr double kF32Tolerance = 1e-5;
// Adam divides by a gradient's own size, so what rounds one that is nearly zero moves a weight by a
// whole step: up to 3.3e-5 with our kernels (9e-7 of a gradient; the library's 5e-7).
constexpr double kF32TenSteps = 1e-4;

// models.py measured what rounding to bf16 costs each tensor of each case; the engine rounds in
// slightly other places (fused layers), and where a cost is tiny by luck a few of the format's 2^-9
// steps are allowed. Measured: 1.3 times, and a floor of 0.005.
constexpr double kBf16Floor = 0.01;
constexpr double kBf16Times = 2;
// Our own convolutions round once more than PyTorch's do, before they sum: 3.8e-3 where it
// has 1.7e-3.
constexpr double kWinogradTimes = 3;
// Where a batch has so few values that one of them on the other side of a ReLU, or another winner
// of a window, moves a gradient by a tenth. That every number is right there too, tests of the
// operations say with numbers that need no rounding.
constexpr double kFlipTimes = 20;

bool hangs_on_single_values(const std::string& name) {
  return name == "seed_5_batch_1" || name == "norm_relu";
}

std::filesystem::path folder() {
  return std::filesystem::path(TAILOR_SOURCE_DIR) / "tests/golden/models";
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (entry.path().extension() == ".safetensors") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Shape parse_shape(const std::string& text) {
  Shape shape;
  EXPECT_EQ(std::sscanf(text.c_str(), "%dx%dx%d", &shape.height, &shape.width, &shape.channels), 3);
  return shape;
}

double relative_error(std::span<const float> value, std::span<const float> expected) {
  EXPECT_EQ(value.size(), expected.size());
  double difference = 0;
  double norm = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(double(value[i]) - expected[i], 2);
    norm += std::pow(double(expected[i]), 2);
  }
  return norm > 0 ? std::sqrt(difference / norm) : std::sqrt(difference);
}

// One file: the net, the batch and everything expected of them.
struct GoldenCase {
  SafetensorsFile file;
  Spec spec;
  TrainOptions options;
  std::vector<const std::uint8_t*> images;
  std::vector<Label> labels;
  std::vector<std::uint32_t> rows;

  explicit GoldenCase(const std::string& name) {
    const std::filesystem::path path = folder() / (name + ".safetensors");
    file = decode_safetensors(read_file(path), path.string());
    const Experiment experiment =
        parse_experiment(file.metadata.at("model") + file.metadata.at("optimizer"), path.string());
    options = experiment.train;
    spec = make_spec(experiment.model, parse_shape(file.metadata.at("input")),
                     std::stoi(file.metadata.at("classes")));
    const std::vector<std::uint8_t>& bytes = file.at("labels").bytes;
    labels.assign(bytes.begin(), bytes.end());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      images.push_back(file.at("images").bytes.data() + i * spec.input.size());
      rows.push_back(std::uint32_t(i));
    }
  }

  Params initial_params() const {
    Params params = init_params(spec, 0);
    copy_tensors(params.table.weights, "weights.", params.weights);
    copy_tensors(params.table.state, "state.", params.state);
    return params;
  }

 private:
  void copy_tensors(const std::vector<TensorInfo>& table, const std::string& prefix,
                    Buffer& into) const {
    for (const TensorInfo& info : table) {
      const NamedTensor& tensor = file.at(prefix + info.name);
      EXPECT_THAT(tensor.shape, testing::ElementsAreArray(info.shape)) << info.name;
      const std::vector<float> values = tensor.floats();
      std::copy(values.begin(), values.end(), into.floats().begin() + std::ptrdiff_t(info.offset));
    }
  }
};

class GoldenModels : public testing::TestWithParam<std::tuple<std::string, Precision, int>> {
 protected:
  double tolerance(const std::string& name) const {
    const bool own = machine_kernel_choices().otherwise == Kernels::kOwn;
    if (precision_ == Precision::kF32) {
      return name.starts_with("after10.") && own ? kF32TenSteps : kF32Tolerance;
    }
    const double times = !own || !bf16::available()      ? 1
                         : hangs_on_single_values(name_) ? kFlipTimes
                                                         : kWinogradTimes;
    return times * (kBf16Floor + kBf16Times * golden_.file.at("bf16_error." + name).floats()[0]);
  }

  void expect_near(std::span<const float> value, const std::string& name) const {
    EXPECT_LT(relative_error(value, golden_.file.at(name).floats()), tolerance(name)) << name;
  }

  void expect_near(const std::vector<TensorInfo>& table, const Buffer& values,
                   const std::string& prefix) const {
    for (const TensorInfo& info : table) {
      expect_near(values.floats().subspan(info.offset, info.size), prefix + info.name);
    }
  }

  Plan plan(Phase phase) {
    return {golden_.spec, engine_, int(golden_.labels.size()), phase, precision_};
  }

  // Mean cross-entropy of the batch and its gradient; the logits stay in the plan.
  double forward_backward(Plan& training, Params& params, Buffer& gradients) {
    training.load(params);
    training.forward(golden_.images, params, {0, 0, golden_.rows});
    const BatchLoss loss =
        training.backward({golden_.labels, golden_.options.label_smoothing}, gradients.floats());
    return loss.loss / double(golden_.labels.size());
  }

  std::string name_ = std::get<0>(GetParam());
  Precision precision_ = std::get<1>(GetParam());
  Engine engine_{std::get<2>(GetParam())};
  GoldenCase golden_{std::get<0>(GetParam())};
};

TEST_P(GoldenModels, FirstStepIsPyTorchs) {
  Params params = golden_.initial_params();
  Buffer gradients(params.weights.bytes());
  Plan training = plan(Phase::kTraining);
  const float loss = float(forward_backward(training, params, gradients));
  expect_near(training.logits(), "logits");
  expect_near(std::span(&loss, 1), "loss");
  expect_near(params.table.weights, gradients, "grad.");
  const float extra = float(add_penalty_gradient(penalized(params.table), 0,
                                                 params.weights.floats(), gradients.floats()));
  EXPECT_LT(relative_error(std::span(&extra, 1), golden_.file.at("penalty").floats()), 1e-6);
}

TEST_P(GoldenModels, TenStepsLeadWherePyTorchsDo) {
  Params params = golden_.initial_params();
  Buffer gradients(params.weights.bytes());
  Optimizer optimizer(golden_.options, params.table);
  Plan training = plan(Phase::kTraining);
  std::vector<float> losses;
  for (int step = 0; step < kSteps; ++step) {
    const double loss = forward_backward(training, params, gradients);
    const double extra =
        optimizer.step(params.weights.floats(), gradients.floats(),
                       learning_rate(golden_.options, step, kSteps, kSteps), engine_.team());
    losses.push_back(float(loss + extra));
  }
  expect_near(losses, "losses");
  expect_near(params.table.weights, params.weights, "after10.");
  expect_near(params.table.state, params.state, "after10.");
  Plan inference = plan(Phase::kInference);
  inference.load(params);
  inference.forward(golden_.images);
  expect_near(inference.logits(), "inference_logits");
}

TEST_P(GoldenModels, RunOnNoReferenceKernel) {
  EXPECT_EQ(plan(Phase::kTraining).reference_kernels(), 0);
  EXPECT_EQ(plan(Phase::kInference).reference_kernels(), 0);
}

void collect_types(const std::vector<Layer>& layers, std::set<std::string>& types) {
  for (const Layer& layer : layers) {
    types.insert(layer_type(layer));
    if (const auto* r = std::get_if<Residual>(&layer.kind)) collect_types(r->body, types);
  }
}

TEST(GoldenModelFiles, HaveEveryTypeOfLayer) {
  std::set<std::string> types;
  for (const std::string& name : case_names()) collect_types(GoldenCase(name).spec.layers, types);
  for (const std::string& type : layer_types()) {
    EXPECT_TRUE(types.contains(type)) << "tools/golden/model_cases.py has no " << type;
  }
}

std::string test_name(const testing::TestParamInfo<GoldenModels::ParamType>& instance) {
  const auto& [name, precision, threads] = instance.param;
  return name + "_" + to_string(precision) + (threads == 1 ? "_one_thread" : "_two_threads");
}

auto cases_in(Precision precision) {
  return testing::Combine(testing::ValuesIn(case_names()), testing::Values(precision),
                          testing::Values(1, 2));
}

INSTANTIATE_TEST_SUITE_P(All, GoldenModels, cases_in(Precision::kF32), test_name);
INSTANTIATE_TEST_SUITE_P(NeedsBf16, GoldenModels, cases_in(Precision::kBf16), test_name);

}  // namespace
}  // namespace tailor::internal
