#include "tailor/nn/plan.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/nn/lowering.hpp"
#include "tailor/nn/region_run.hpp"
#include "tailor/ops/loss.hpp"

namespace tailor::internal {

namespace {

std::span<const float> view(const TensorInfo* info, const Buffer& from) {
  return info == nullptr ? std::span<const float>()
                         : from.floats().subspan(info->offset, info->size);
}
std::span<float> view(const TensorInfo* info, std::span<float> from) {
  return info == nullptr ? std::span<float>() : from.subspan(info->offset, info->size);
}

// The kernel and bias of an operation with a normalisation folded in.
ParamSpans fold(Step& s, const Params& p) {
  FoldedNorm& n = *s.norm;
  const auto from = view(s.kernel, p.weights);
  const auto bias = view(s.bias, p.weights);
  const auto gamma = view(n.gamma, p.weights);
  const auto beta = view(n.beta, p.weights);
  const auto mean = view(n.mean, p.state);
  const auto variance = view(n.variance, p.state);
  const auto kernel = n.kernel.floats();
  const std::size_t inputs = from.size() / gamma.size();
  for (std::size_t o = 0; o < gamma.size(); ++o) {
    const double scale = gamma[o] / std::sqrt(variance[o] + n.epsilon);
    for (std::size_t i = o * inputs; i < (o + 1) * inputs; ++i) kernel[i] = float(from[i] * scale);
    n.bias.floats()[o] = float(((bias.empty() ? 0 : bias[o]) - mean[o]) * scale + beta[o]);
  }
  return {kernel, n.bias.floats(), {}, {}};
}

ParamSpans weights_of(const Step& s, const Params& p) {
  return {view(s.kernel, p.weights), view(s.bias, p.weights), view(s.mean, p.state),
          view(s.variance, p.state)};
}

// Before the weights, which int8 operations load in units of them.
void set_ranges(Program& program, const ActivationRanges& ranges) {
  for (const Step& s : program.steps) {
    const auto found = ranges.find(layer_of(s.name));
    const float own = found == ranges.end() ? 0 : found->second;
    s.output->range = s.range_from != nullptr ? s.range_from->range : own;
    if (s.output->precision == Precision::kInt8 && !(s.output->range > 0)) {
      throw bad_input(
          fmt::format("the model has no int8 range of {}; tailor quantize measures it", s.name));
    }
  }
}

}  // namespace

std::string layer_of(const std::string& operation) {
  return operation.substr(0, operation.find(' '));
}

struct Plan::Impl {
  Engine& engine;
  int batch;
  std::unique_ptr<Program> program;
  RegionRun regions;  // of a plan that trains
  std::vector<float> logits;
  std::vector<StepContext> contexts;                   // by step
  std::vector<std::array<double, kOpPhases>> seconds;  // by step, outside of regions
  double input_seconds = 0;
  double loss_seconds = 0;
  bool profiling = false;

  Impl(const Spec& spec, Engine& on, int images, Phase phase, Precision precision)
      : engine(on),
        batch(images),
        program(lower(spec, on, images, phase, precision)),
        regions(on, program->steps.size()),
        logits(std::size_t(images) * std::size_t(spec.classes)),
        contexts(program->steps.size()),
        seconds(program->steps.size()) {}

  bool trains() const { return !program->regions.forward.empty(); }
  double& seconds_of(std::size_t step, OpPhase phase) { return seconds[step][std::size_t(phase)]; }

  void load(const Params& params) {
    for (std::size_t i = 0; i < seconds.size(); ++i) {
      Step& s = program->steps[i];
      if (s.kernel == nullptr) continue;
      contexts[i].params = s.norm ? fold(s, params) : weights_of(s, params);
      if (!trains()) {
        timed(seconds_of(i, OpPhase::kLoad), [&] { s.op->load(contexts[i].params); });
      }
    }
    for (const Region& region : program->regions.load) run(region, {});
  }

  void forward(std::span<const std::uint8_t* const> images) {
    Program& p = *program;
    for (const Region& region : p.regions.forward) run(region, images);
    if (!trains()) {
      timed(input_seconds,
            [&] { read_images(engine, images, p.input_scale, p.input_offset, p.input()); });
      for (std::size_t i = 0; i < p.steps.size(); ++i) {
        timed(seconds_of(i, OpPhase::kForward), [&] { p.steps[i].op->forward(contexts[i]); });
      }
    }
    copy_logits(p.logits(), logits);
  }

  void run(const Region& region, std::span<const std::uint8_t* const> images) {
    Program& p = *program;
    regions.run(region, [&](const Task& task, int first, int last, int thread) {
      if (task.step == kReadImages) {
        return read_images(engine, images, p.input_scale, p.input_offset, p.input(),
                           images_of_pieces(batch, first, last));
      }
      const auto step = std::size_t(task.step);
      p.steps[step].op->run_stage(task.phase, task.stage, contexts[step], first, last, thread);
    });
  }

  template <typename Work>
  void timed(double& total, Work work) {
    if (!profiling) return work();
    const Stopwatch watch;
    work();
    total += watch.seconds();
  }
};

Plan::Plan(const Spec& spec, Engine& engine, int batch, Phase phase, Precision precision)
    : impl_(std::make_unique<Impl>(spec, engine, batch, phase, precision)) {
  if (phase == Phase::kTraining) engine.team().start();  // so that a step allocates nothing
}
Plan::~Plan() = default;
Plan::Plan(Plan&&) noexcept = default;

int Plan::batch() const {
  return impl_->batch;
}

void Plan::load(const Params& params) {
  if (impl_->program->precision == Precision::kInt8) set_ranges(*impl_->program, params.ranges);
  impl_->load(params);
}

void Plan::forward(std::span<const std::uint8_t* const> images, Params& params,
                   const StepRandom& random) {
  for (std::size_t i = 0; i < impl_->contexts.size(); ++i) {
    const Step& s = impl_->program->steps[i];
    StepContext& context = impl_->contexts[i];
    context.mean = view(s.mean, params.state.floats());
    context.variance = view(s.variance, params.state.floats());
    context.dropout = {random.seed, random.epoch, random.samples};
  }
  impl_->forward(images);
}

void Plan::forward(std::span<const std::uint8_t* const> images) {
  impl_->forward(images);
}

std::span<const float> Plan::logits() const {
  return impl_->logits;
}

void Plan::probabilities(std::span<float> out) const {
  softmax(impl_->program->logits(), out);
}

std::vector<ActivationInfo> Plan::activations() const {
  std::vector<ActivationInfo> list;
  for (const Step& s : impl_->program->steps) list.push_back({s.name, s.output->shape});
  return list;
}

void Plan::activation(std::size_t which, int image, std::span<float> out) const {
  read_values(*impl_->program->steps[which].output, image, out);
}

std::size_t Plan::feature_count() const {
  return impl_->program->last_hidden().shape.size();
}

void Plan::features(int image, std::span<float> out) const {
  read_values(impl_->program->last_hidden(), image, out);
}

BatchLoss Plan::loss(std::span<const Label> labels) const {
  const LossSum sum = softmax_cross_entropy(impl_->program->logits(), {labels}, 0);
  return {sum.loss, sum.correct};
}

BatchLoss Plan::backward(const Targets& targets, std::span<float> gradients,
                         const SharedBatch& whole) {
  Program& p = *impl_->program;
  LossSum sum;
  const int images = whole.images > 0 ? whole.images : impl_->batch;
  impl_->timed(impl_->loss_seconds,
               [&] { sum = softmax_cross_entropy(p.logits(), targets, images); });
  for (std::size_t i = 0; i < p.steps.size(); ++i) {
    const Step& s = p.steps[i];
    impl_->contexts[i].gradients = {view(s.kernel, gradients), view(s.bias, gradients)};
  }
  for (const Region& region : p.regions.backward) {
    impl_->run(region, {});
    if (whole.on_gradients) whole.on_gradients(p.first_weight(region.complete_from));
  }
  return {sum.loss, sum.correct};
}

std::size_t Plan::memory_bytes() const {
  return impl_->program->memory_bytes(impl_->engine);
}

std::size_t Plan::planned_bytes(const Spec& spec, Engine& engine, int batch, Phase phase,
                                Precision precision) {
  return lower_on_paper(spec, engine, batch, phase, precision)->memory_bytes(engine);
}

std::size_t Plan::arena_bytes() const {
  return impl_->program->arena.bytes();
}

std::size_t Plan::bytes_apart() const {
  return impl_->program->arena.bytes_apart();
}

void Plan::fill_arena(std::uint8_t byte) {
  impl_->program->arena.fill(byte);
}

void Plan::profile(bool on) {
  impl_->profiling = on;
  for (auto& s : impl_->seconds) s = {};
  impl_->input_seconds = impl_->loss_seconds = 0;
  impl_->regions.profile(on);
}

std::vector<PlanEntry> Plan::entries() const {
  const RegionRun& regions = impl_->regions;
  std::vector<PlanEntry> list = {
      {"input", "tailor", impl_->input_seconds + regions.seconds(kReadImages, OpPhase::kForward)}};
  for (std::size_t i = 0; i < impl_->seconds.size(); ++i) {
    const Step& s = impl_->program->steps[i];
    for (int number = 0; number < kOpPhases; ++number) {
      const auto phase = OpPhase(number);
      const std::string implementation = s.op->implementation(phase);
      const double seconds = impl_->seconds_of(i, phase) + regions.seconds(int(i), phase);
      if (implementation.empty() || (seconds == 0 && implementation == "tailor")) continue;
      list.push_back({s.name + " " + name_of(phase), implementation, seconds});
    }
  }
  list.push_back({"loss", "tailor", impl_->loss_seconds});
  const double waiting = regions.waiting_seconds();
  if (waiting > 0) list.push_back({"waiting for the last thread", "tailor", waiting});
  return list;
}

int Plan::reference_kernels() const {
  int count = 0;
  for (const PlanEntry& e : entries()) count += e.implementation.starts_with("ref");
  return count;
}

}  // namespace tailor::internal
