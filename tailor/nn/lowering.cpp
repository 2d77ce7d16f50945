#include "tailor/nn/lowering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>
#include <type_traits>
#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/nn/layer_configs.hpp"
#include "tailor/ops/int8/int8.hpp"
#include "tailor/ops/kernel_choices.hpp"

namespace tailor {

namespace {

using LayerList = std::vector<Layer>;

template <class T>
const T* layer_at(const LayerList& layers, std::size_t i) {
  return i < layers.size() ? std::get_if<T>(&layers[i].kind) : nullptr;
}

bool may_be_negative(const OpConfig& config, const Tensor& src) {
  return std::visit(
      [&](const auto& c) {
        using Config = std::decay_t<decltype(c)>;
        if constexpr (requires { c.relu; }) return !c.relu;
        if constexpr (std::is_same_v<Config, ReluConfig>) return false;
        if constexpr (std::is_same_v<Config, RescaleConfig>) return true;
        return src.is_signed;
      },
      config);
}

// What comes out are values that went in, and zeros.
bool keeps_range(const OpConfig& config) {
  const auto* pool = std::get_if<PoolConfig>(&config);
  return (pool != nullptr && pool->max) || std::holds_alternative<PadConfig>(config) ||
         std::holds_alternative<FlattenConfig>(config);
}

class Lowering {
 public:
  Lowering(const Spec& spec, Engine& engine, int batch, Phase phase, Precision precision)
      : spec_(spec),
        engine_(engine),
        batch_(batch),
        training_(phase == Phase::kTraining),
        keeps_outputs_(phase == Phase::kInspection),
        int8_(precision == Precision::kInt8),
        precision_(int8_ ? Precision::kF32 : precision),
        program_(std::make_unique<Program>()) {
    program_->table = param_table(spec);
    program_->precision = precision;
  }

  std::unique_ptr<Program> run() {
    std::size_t first = 0;
    if (const auto* r = layer_at<Rescaling>(spec_.layers, 0)) {
      program_->input_scale = r->scale;
      program_->input_offset = r->offset;
      first = 1;
    }
    at_ = int8_ ? &add_int8_input() : &add_tensor(spec_.input, input_layout(first), false);
    lower_layers(spec_.layers, first, "layers.");
    materialize();
    if (is_int8(*at_)) convert("logits");
    program_->last = at_;
    plan_memory();
    bind();
    return std::move(program_);
  }

 private:
  // Plain where the first thing that touches the images is a convolution or dense layer that reads
  // them so.
  Layout input_layout(std::size_t i) {
    Padding2D pad;
    while (const auto* z = layer_at<ZeroPadding2D>(spec_.layers, i)) {
      pad = pad + padding_of(*z);
      ++i;
    }
    if (layer_at<Conv2D>(spec_.layers, i) != nullptr) {
      const ConvConfig config = conv_run(spec_.layers, i, spec_.input, pad).config;
      const ConvSite site{spec_.input, Layout::kPlain, batch_, precision_, training_};
      return conv_reads_plain(engine_, config, site) ? Layout::kPlain : Layout::kBlocked;
    }
    const bool dense = pad == Padding2D{} && layer_at<Flatten>(spec_.layers, i) != nullptr &&
                       layer_at<Dense>(spec_.layers, i + 1) != nullptr;
    return dense ? Layout::kPlain : Layout::kBlocked;
  }

  Tensor& add_tensor(const Shape& shape, Layout layout, bool with_diff) {
    return program_->tensors.emplace_back(shape, batch_, layout, precision_, engine_.lanes(),
                                          training_ && with_diff);
  }

  // An int8 plan: bytes wherever there is a kernel for them, f32 elsewhere.

  static bool is_int8(const Tensor& t) { return t.precision == Precision::kInt8; }

  Tensor int8_tensor(const Shape& shape, int lanes, bool is_signed) {
    Tensor t(shape, batch_, Layout::kChannelsLast, Precision::kInt8, lanes, false);
    t.is_signed = is_signed;
    return t;
  }

  // The images' own bytes, where zero is a byte.
  Tensor& add_int8_input() {
    const double scale = program_->input_scale;
    const double offset = program_->input_offset;
    const bool exact = offset == 0 && scale > 0;
    Tensor& t = exact ? program_->tensors.emplace_back(int8_tensor(spec_.input, 1, false))
                      : add_tensor(spec_.input, Layout::kBlocked, false);
    const double ends[] = {offset, 255 * scale + offset};
    t.is_signed = std::min(ends[0], ends[1]) < 0;
    t.range = float(std::max(std::abs(ends[0]), std::abs(ends[1])));
    return t;
  }

  Tensor int8_result(const OpConfig& config, const Tensor& src, bool widen) {
    Tensor t =
        int8_tensor(output_shape(config, src.shape), engine_.lanes(), may_be_negative(config, src));
    if (widen) t.widen_data();
    return t;
  }

  // Pooling is faster in bytes, but not by what making them costs.
  bool has_int8_kernel(const OpConfig& config, bool widen) {
    if (std::holds_alternative<PoolConfig>(config) && !is_int8(*at_)) return false;
    Tensor src =
        int8_tensor(at_->shape, is_int8(*at_) ? at_->lanes : engine_.lanes(), at_->is_signed);
    Tensor dst = int8_result(config, src, widen);
    return int8::fits(config, {engine_, src, dst});
  }

  // From bytes to f32 or back.
  void convert(const std::string& layer) {
    Tensor& src = *at_;
    Tensor& dst = is_int8(src) ? add_tensor(src.shape, Layout::kBlocked, false)
                               : program_->tensors.emplace_back(
                                     int8_tensor(src.shape, engine_.lanes(), src.is_signed));
    dst.is_signed = src.is_signed;
    Step step;
    step.name = layer + (is_int8(src) ? " from int8" : " to int8");
    step.op = int8::make_conversion(engine_, src, dst);
    step.output = &dst;
    step.range_from = &src;
    program_->steps.push_back(std::move(step));
    at_ = &dst;
  }

  // Where the operation's result goes; at_ is made what it reads.
  Tensor& add_int8_result(const OpConfig& config, const std::string& layer, bool widen) {
    const bool bytes = has_int8_kernel(config, widen);
    if (bytes != is_int8(*at_)) convert(layer);
    if (bytes) return program_->tensors.emplace_back(int8_result(config, *at_, widen));
    Tensor& dst = add_tensor(output_shape(config, at_->shape), Layout::kBlocked, false);
    dst.is_signed = may_be_negative(config, *at_);
    return dst;
  }

  // Of a convolution that reads at_; what is not int8 in an int8 plan reads blocks.
  ConvSite site() const {
    return {at_->shape,     int8_ ? Layout::kBlocked : at_->layout, batch_, precision_, training_,
            at_->has_diff()};
  }

  bool takes_padding(const ConvConfig& config) {
    if (int8_ && has_int8_kernel(config, false)) return true;
    return conv_takes_padding(engine_, config, site());
  }

  // A convolution with all that may melt into it: zeros and a ReLU, in inference a batch
  // normalisation and its ReLU, 2x2 max pooling.
  struct ConvRun {
    ConvConfig config;     // without the pooling
    bool halved = false;   // that stands behind
    bool folded = false;   // the batch normalisation
    std::size_t next = 0;  // the layer behind all but the pooling
  };

  ConvRun conv_run(const LayerList& layers, std::size_t i, const Shape& src, const Padding2D& pad) {
    const bool relu = fuses_relu(layers, i);
    ConvRun run;
    run.next = i + (relu ? 2 : 1);
    ConvConfig& config = run.config = conv_config(*layer_at<Conv2D>(layers, i), src, pad);
    config.relu = config.relu || relu;
    if (layer_at<BatchNormalization>(layers, run.next) && !config.relu && !training_) {
      run.folded = config.bias = true;
      config.relu = layer_at<ReLU>(layers, ++run.next) != nullptr;
      run.next += config.relu;
    }
    config.pools = run.halved = config.relu && halves(layers, run.next);
    choose_kernels(config, src);
    config.pools = false;
    return run;
  }

  template <class Config>
  void choose_kernels(Config& config, const Shape& src) {
    const std::string key = operation_key(config, src, precision_);
    config.kernels = engine_.choices().of(key);
    program_->choices.insert({key, {key, config, src, batch_}});
  }

  const TensorInfo* info(const std::vector<TensorInfo>& list, const std::string& name) {
    const auto it = std::ranges::find(list, name, &TensorInfo::name);
    return it == list.end() ? nullptr : &*it;
  }

  struct Emit {
    std::string layer;  // "layers.2"
    std::string what;   // "conv2d"
    bool masked_by_consumer = false;
    bool widen = false;
    std::string norm_layer = {};  // a batch normalisation to fold in
    double epsilon = 0;
  };

  FoldedNorm folded_norm(const Emit& e) {
    const auto& [weights, state, weight_count, state_count] = program_->table;
    FoldedNorm norm{info(weights, e.norm_layer + ".gamma"),
                    info(weights, e.norm_layer + ".beta"),
                    info(state, e.norm_layer + ".moving_mean"),
                    info(state, e.norm_layer + ".moving_variance"),
                    e.epsilon,
                    {},
                    {}};
    norm.kernel = Buffer(info(weights, e.layer + ".kernel")->size * sizeof(float));
    norm.bias = Buffer(norm.gamma->size * sizeof(float));
    return norm;
  }

  void emit(const OpConfig& config, const Emit& e) {
    Step step;
    step.name = e.layer + " " + e.what;
    step.kernel = info(program_->table.weights, e.layer + ".kernel");
    if (step.kernel == nullptr) step.kernel = info(program_->table.weights, e.layer + ".gamma");
    step.bias = info(program_->table.weights, e.layer + ".bias");
    if (step.bias == nullptr) step.bias = info(program_->table.weights, e.layer + ".beta");
    if (!e.norm_layer.empty()) step.norm = folded_norm(e);
    step.mean = info(program_->table.state, e.layer + ".moving_mean");
    step.variance = info(program_->table.state, e.layer + ".moving_variance");
    const bool pads = std::holds_alternative<PadConfig>(config);
    if (pads)
      step.kernel = step.bias = nullptr;  // a padding made for its layer has no weights of it
    needs_diff_ = needs_diff_ || step.kernel != nullptr;
    Tensor& dst = int8_
                      ? add_int8_result(config, e.layer, e.widen)
                      : add_tensor(output_shape(config, at_->shape), Layout::kBlocked, needs_diff_);
    Tensor& src = *at_;
    if (e.widen && !int8_) dst.widen_data();
    const bool masks = std::exchange(mask_for_producer_, false);
    step.op = make_op(config, {engine_, src, dst, training_, e.masked_by_consumer, masks});
    step.output = &dst;
    step.range_from = keeps_range(config) ? &src : nullptr;
    step.differentiates_data = src.has_diff();
    step.backward = dst.has_diff();
    program_->steps.push_back(std::move(step));
    mask_for_producer_ = e.masked_by_consumer;
    at_ = &dst;
  }

  // Layers that wait to melt into the next one become operations where it cannot take them.
  void materialize() {
    if (pad_ != Padding2D{}) emit(PadConfig{std::exchange(pad_, {})}, {waiting_, "zero_padding2d"});
    if (std::exchange(flat_, false) && at_->plane() > 1)
      emit(FlattenConfig{}, {waiting_, "flatten"});
  }

  void lower_layers(const LayerList& layers, std::size_t first, const std::string& prefix) {
    for (std::size_t i = first; i < layers.size(); ++i) {
      const std::string name = fmt::format("{}{}", prefix, i);
      const Layer& layer = layers[i];
      try {
        if (const auto* z = std::get_if<ZeroPadding2D>(&layer.kind)) {
          if (flat_) materialize();
          pad_ = pad_ + padding_of(*z);
          waiting_ = name;
        } else if (std::holds_alternative<Flatten>(layer.kind)) {
          if (pad_ != Padding2D{}) materialize();
          flat_ = true;
          waiting_ = name;
        } else {
          i += lower_weighted(layers, i, name, fuses_relu(layers, i)) - 1;
        }
      } catch (const Error&) {
        throw;
      } catch (const std::exception& e) {
        throw failure(fmt::format("{} ({}): the convolution library has no kernel for it: {}", name,
                                  layer_type(layer), e.what()));
      }
    }
  }

  // A ReLU layer right behind a linear convolution, dense layer or batch normalisation is their
  // activation.
  static bool fuses_relu(const LayerList& layers, std::size_t i) {
    if (layer_at<ReLU>(layers, i + 1) == nullptr) return false;
    if (const auto* c = layer_at<Conv2D>(layers, i)) return c->activation == "linear";
    if (const auto* d = layer_at<Dense>(layers, i)) return d->activation == "linear";
    return layer_at<BatchNormalization>(layers, i) != nullptr;
  }

  // The layers it took: this one, a ReLU behind it (`relu`), a pooling behind that.
  std::size_t lower_weighted(const LayerList& layers, std::size_t i, const std::string& name,
                             bool relu) {
    const std::size_t taken = relu ? 2 : 1;
    const Layer& layer = layers[i];
    Emit e{name, layer_type(layer)};
    if (std::holds_alternative<Conv2D>(layer.kind)) return lower_conv(layers, i, e);
    if (pad_ != Padding2D{}) materialize();
    if (const auto* d = std::get_if<Dense>(&layer.kind)) {
      flat_ = false;
      DenseConfig config{d->units, d->use_bias, d->activation == "relu" || relu};
      choose_kernels(config, at_->shape);
      e.widen = !config.relu && &layer == &spec_.layers.back();
      emit(config, e);
    } else if (const auto* drop = std::get_if<Dropout>(&layer.kind)) {
      if (training_) emit(dropout_config(drop->rate), e);
    } else if (std::holds_alternative<ReLU>(layer.kind)) {
      emit(ReluConfig{}, e);
    } else if (const auto* norm = std::get_if<BatchNormalization>(&layer.kind)) {
      materialize();
      const bool pools = relu && at_->plane() > 1 && halves(layers, i + taken);
      if (pools) e.what += " + max_pooling2d";
      emit(BatchNormConfig{norm->momentum, norm->epsilon, relu, pools}, e);
      return taken + (pools ? 1 : 0);
    } else {
      materialize();
      lower_spatial(layer, name, e);
    }
    return taken;
  }

  std::size_t lower_conv(const LayerList& layers, std::size_t i, Emit e) {
    if (flat_) materialize();
    const ConvRun run = conv_run(layers, i, at_->shape, pad_);
    ConvConfig config = run.config;
    if (!takes_padding(config)) {
      emit(PadConfig{std::exchange(config.pad, {})},
           {pad_ == Padding2D{} ? e.layer : waiting_, "zero_padding2d"});
    }
    pad_ = {};
    if (run.folded) {
      e.norm_layer = e.layer.substr(0, e.layer.rfind('.') + 1) + std::to_string(i + 1);
      e.epsilon = layer_at<BatchNormalization>(layers, i + 1)->epsilon;
      e.what += " + batch_normalization";
    }
    config.pools = run.halved && !int8_ && conv_pools(config, site());
    if (config.pools) e.what += " + max_pooling2d";
    e.masked_by_consumer = config.relu && !config.pools &&
                           (layer_at<MaxPooling2D>(layers, run.next) != nullptr ||
                            layer_at<GlobalMaxPooling2D>(layers, run.next) != nullptr);
    emit(config, e);
    return run.next - i + (config.pools ? 1 : 0);
  }

  // 2x2 max pooling without padding.
  static bool halves(const LayerList& layers, std::size_t i) {
    const std::vector<int> two = {2, 2};
    const auto* m = layer_at<MaxPooling2D>(layers, i);
    return m != nullptr && m->pool_size == two && (m->strides.empty() || m->strides == two) &&
           m->padding == "valid";
  }

  void lower_spatial(const Layer& layer, const std::string& name, const Emit& e) {
    const Shape& in = at_->shape;
    if (const auto* r = std::get_if<Rescaling>(&layer.kind)) {
      emit(RescaleConfig{r->scale, r->offset}, e);
    } else if (const auto* m = std::get_if<MaxPooling2D>(&layer.kind)) {
      emit(pool_config(*m, in), e);
    } else if (const auto* a = std::get_if<AveragePooling2D>(&layer.kind)) {
      emit(pool_config(*a, in), e);
    } else if (std::holds_alternative<GlobalMaxPooling2D>(layer.kind)) {
      emit(global_pool(true, in), e);
    } else if (std::holds_alternative<GlobalAveragePooling2D>(layer.kind)) {
      emit(global_pool(false, in), e);
    } else if (const auto* res = std::get_if<Residual>(&layer.kind)) {
      lower_residual(*res, name);
    }
  }

  DropoutConfig dropout_config(double rate) {
    if (dropouts_ == DropoutConfig::kMaxLayers) {
      throw bad_input(
          fmt::format("a model may have at most {} dropout layers", DropoutConfig::kMaxLayers));
    }
    return {rate, dropouts_++};
  }

  void lower_residual(const Residual& r, const std::string& name) {
    if (is_int8(*at_)) convert(name);
    Tensor& skip = *at_;
    const std::size_t fork = program_->steps.size();
    program_->steps.emplace_back();
    lower_layers(r.body, 0, name + ".body.");
    materialize();
    // A body that only passes on (a Flatten of one pixel) would add a tensor to itself, gradients
    // included.
    if (at_ == &skip && training_) emit(dropout_config(0), {name, "residual copy"});
    if (is_int8(*at_)) convert(name);
    Tensor& body = *at_;
    Tensor& sum = add_tensor(skip.shape, Layout::kBlocked, needs_diff_);
    Step& out = program_->steps[fork];
    out.name = name + " fork";
    out.op = make_fork(engine_, skip, sum);
    out.output = &skip;
    out.range_from = &skip;
    out.differentiates_data = out.backward = skip.has_diff();
    sum.is_signed = true;
    Step join;
    join.name = name + " join";
    join.op = make_join(engine_, skip, body, sum);
    join.output = &sum;
    join.differentiates_data = join.backward = body.has_diff();
    program_->steps.push_back(std::move(join));
    at_ = &sum;
  }

  // A buffer lives from the first to the last moment of a step at which an operation uses it.
  void plan_memory() {
    Arena& arena = program_->arena;
    auto& steps = program_->steps;
    auto use = [&, moment = 0](const std::vector<Buffer*>& buffers) mutable {
      for (Buffer* b : buffers) arena.use(*b, moment);
      return moment++;
    };
    Tensor& logits = program_->logits();
    use({&program_->input().data});
    for (Step& s : steps) use(s.op->uses().forward);
    int last = use({&logits.data, &logits.diff});
    if (training_) {
      for (Step& s : std::views::reverse(steps)) {
        if (s.backward) last = use(s.op->uses().backward);
      }
    } else {
      arena.use(program_->last_hidden().data, last);
    }
    arena.use(logits.data, last);
    if (keeps_outputs_) {
      for (Step& s : steps) arena.use(s.output->data, last);
    }
    arena.place(engine_.threads());
  }

  void bind() {
    std::size_t bytes = 0;
    for (const Step& s : program_->steps) bytes = std::max(bytes, s.op->scratch_bytes());
    program_->scratch = Buffer(bytes);
    for (Step& s : program_->steps) s.op->bind(program_->scratch.data());
  }

  const Spec& spec_;
  Engine& engine_;
  int batch_;
  bool training_;
  bool keeps_outputs_;
  bool int8_;
  Precision precision_;  // of what is not int8
  std::unique_ptr<Program> program_;
  Tensor* at_ = nullptr;  // the activation the next operation reads
  Padding2D pad_;         // ZeroPadding2D layers not yet taken by a convolution
  bool flat_ = false;     // a Flatten not yet taken by a dense layer
  std::string waiting_;   // the layer those came from
  bool needs_diff_ = false;
  bool mask_for_producer_ = false;
  std::uint32_t dropouts_ = 0;
};

}  // namespace

std::unique_ptr<Program> lower(const Spec& spec, Engine& engine, int batch, Phase phase,
                               Precision precision) {
  validate(spec);
  if (precision == Precision::kInt8 && phase == Phase::kTraining) {
    throw failure("an int8 plan cannot train");
  }
  if (precision == Precision::kInt8 && !cpu_info().vnni) {
    throw bad_input("precision int8 needs a CPU with AVX-512 VNNI");
  }
  return Lowering(spec, engine, batch, phase, precision).run();
}

std::vector<OpCase> weighted_operations(const Spec& spec, Engine& engine, int batch,
                                        Precision precision) {
  const auto program = lower(spec, engine, batch, Phase::kTraining, precision);
  std::vector<OpCase> operations;
  for (const auto& [key, operation] : program->choices) operations.push_back(operation);
  return operations;
}

}  // namespace tailor
