#include "tailor/measure/op_bench.hpp"

#include <cstring>
#include <functional>
#include <numeric>

#include "tailor/core/random/rng.hpp"
#include "tailor/ops/check/reference.hpp"

namespace tailor::internal {

namespace {

// "3x3", "5x5", ... with "/2" for a stride of two.
std::string window(const ConvConfig& c) {
  std::string text = std::to_string(c.kernel_h) + "x" + std::to_string(c.kernel_w);
  if (c.stride_h != 1) text.append("/").append(std::to_string(c.stride_h));
  return text;
}

// With bias, "same" padding and the ReLU that follows.
ConvConfig conv(int filters, int kernel = 3, int stride = 1) {
  const int pad = kernel / 2;
  return {filters, kernel, kernel, stride, stride, {pad, pad, pad, pad}, true, true};
}

void add_conv(std::vector<OpCase>& cases, const ConvConfig& c, int in, int size) {
  const std::string shape =
      std::to_string(in) + "->" + std::to_string(c.filters) + "@" + std::to_string(size);
  cases.push_back({"conv" + window(c) + (c.pools ? "+pool " : " ") + shape, c, {in, size, size}});
}

void add_pooled(std::vector<OpCase>& cases, ConvConfig c, int in, int size) {
  c.pools = true;
  add_conv(cases, c, in, size);
}

void add_convolutions(std::vector<OpCase>& cases) {
  for (const auto& [in, filters, size] : {Shape{1, 32, 28},
                                          {1, 16, 28},
                                          {3, 32, 32},
                                          {16, 32, 14},
                                          {32, 32, 14},
                                          {32, 64, 14},
                                          {64, 64, 14},
                                          {64, 128, 7},
                                          {128, 128, 7},
                                          {32, 32, 28},
                                          {16, 16, 28},
                                          {17, 24, 14},
                                          {40, 40, 14}}) {
    add_conv(cases, conv(filters), in, size);
  }
  add_pooled(cases, conv(32), 1, 28);
  add_pooled(cases, conv(64), 32, 14);
  add_conv(cases, conv(32, 5), 1, 28);
  add_conv(cases, conv(64, 5), 32, 14);
  add_conv(cases, conv(64, 1), 64, 14);
  add_conv(cases, conv(128, 1), 128, 7);
  add_conv(cases, conv(64, 3, 2), 32, 28);
  add_conv(cases, conv(128, 3, 2), 64, 14);
}

void add_dense(std::vector<OpCase>& cases, const Shape& src, int units, bool relu) {
  const std::string name = "dense " + std::to_string(src.size()) + "->" + std::to_string(units);
  cases.push_back({name, DenseConfig{units, true, relu}, src});
}

void add_map(std::vector<OpCase>& cases, const std::string& kind, const OpConfig& config,
             int channels, int size) {
  cases.push_back({kind + " " + std::to_string(channels) + "@" + std::to_string(size),
                   config,
                   {channels, size, size}});
}

// Random bytes as values from -0.5 to 0.5, in whatever layout and precision; padded lanes stay 0.
void fill(Engine& engine, Tensor& tensor, std::uint32_t stream) {
  std::vector<std::uint32_t> words(tensor.shape.size() * std::size_t(tensor.batch) / 4 + 1);
  Rng(7, Purpose::kDraw, stream).fill(0, words);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(words.data());
  std::vector<const std::uint8_t*> images;
  for (int i = 0; i < tensor.batch; ++i)
    images.push_back(bytes + std::size_t(i) * tensor.shape.size());
  read_images(engine, images, 1.0 / 255, -0.5, tensor);
}

void fill_diff(Engine& engine, Tensor& tensor, std::uint32_t stream) {
  Tensor like(tensor.shape, tensor.batch, tensor.layout, tensor.diff_precision, tensor.lanes,
              false);
  like.data = Buffer(like.data.bytes());
  fill(engine, like, stream);
  std::memcpy(tensor.diff.data(), like.data.data(), tensor.diff.bytes());
}

std::vector<float> random_weights(std::size_t count, std::uint32_t stream) {
  const Rng rng(7, Purpose::kDraw, stream);
  std::vector<float> weights(count);
  for (std::size_t i = 0; i < count; ++i) weights[i] = float(0.05 * rng.normal(i));
  return weights;
}

// Whether the plan would hand this operation the images as they are.
bool reads_images(const OpCase& c, Engine& engine, Precision precision) {
  return std::holds_alternative<ConvConfig>(c.config) &&
         site_of(c, engine, precision).layout == Layout::kPlain;
}

bool pools(const OpConfig& config) {
  const auto* conv = std::get_if<ConvConfig>(&config);
  return conv != nullptr && conv->pools;
}

// Behind a convolution with ReLU, as in the nets, max pooling applies that ReLU's mask.
bool masks_for_producer(const OpConfig& config) {
  const auto* pool = std::get_if<PoolConfig>(&config);
  return pool != nullptr && pool->max;
}

double forward_flop(const OpConfig& config, const Shape& src, int batch) {
  double products = 0;  // of one value put out
  if (const auto* conv = std::get_if<ConvConfig>(&config)) {
    if (conv->pools) {
      ConvConfig whole = *conv;
      whole.pools = false;
      return forward_flop(whole, src, batch);
    }
    products = double(src.channels) * conv->kernel_h * conv->kernel_w;
  } else if (std::holds_alternative<DenseConfig>(config)) {
    products = double(src.size());
  }
  return 2 * products * double(output_shape(config, src).size()) * batch;
}

// One operation between a source and a destination of its own, ready to run any phase.
class Bench {
 public:
  Bench(const OpCase& c, Engine& engine, Precision precision)
      : case_(c),
        images_(reads_images(c, engine, precision)),
        src_(c.src, c.batch, images_ ? Layout::kPlain : Layout::kBlocked, precision, engine.lanes(),
             c.src.channels > 3),
        dst_(output_shape(c.config, c.src), c.batch, Layout::kBlocked, precision, engine.lanes(),
             true),
        op_(make_op(c.config, {engine, src_, dst_, true, false, masks_for_producer(c.config)})),
        scratch_(bind_alone(*op_, engine)),
        samples_(std::size_t(c.batch)) {
    fill(engine, src_, 0);
    fill_diff(engine, dst_, 1);
    const reference::ParamSizes sizes = reference::param_sizes(c.config, c.src);
    kernel_ = random_weights(sizes.kernel, 2);
    bias_ = random_weights(sizes.bias, 3);
    mean_.resize(std::size_t(c.src.channels));
    variance_.assign(std::size_t(c.src.channels), 1);
    diff_kernel_.resize(kernel_.size());
    diff_bias_.resize(bias_.size());
    std::iota(samples_.begin(), samples_.end(), 0u);
  }

  // In the order of a training step: backward reads what forward left.
  std::vector<OpTiming> run(const TimingRules& rules, const StopFlag& stop) {
    std::vector<OpTiming> done;
    const auto time = [&](OpPhase phase, double flop, double bytes,
                          const std::function<void()>& call) {
      if (stop.requested()) return;
      const Timing timing = time_calls(call, rules, stop);
      if (timing.rounds > 0) {
        done.push_back({phase, op_->implementation(phase), timing, flop, bytes});
      }
    };
    const double flop = forward_flop(case_.config, case_.src, case_.batch);
    if (op_->has_weights()) time(OpPhase::kLoad, 0, load_bytes(), [&] { op_->load(params()); });
    time(OpPhase::kForward, flop, bytes(src_.data) + bytes(dst_.data), [&] {
      op_->forward({.mean = mean_, .variance = variance_, .dropout = {1, 0, samples_}});
    });
    if (prepares()) {
      time(OpPhase::kPrepareBackward, 0, prepare_bytes(), [&] { op_->prepare_backward(); });
    }
    if (flop > 0) {
      time(OpPhase::kBackwardWeights, flop, bytes(src_.data) + bytes(dst_.diff), [&] {
        op_->backward_weights({diff_kernel_, diff_bias_});
      });
    }
    if (src_.has_diff()) {
      time(OpPhase::kBackwardData, flop, backward_bytes(), [&] { op_->backward_data(); });
    }
    return done;
  }

 private:
  static double bytes(const Buffer& buffer) { return double(buffer.bytes()); }

  ParamSpans params() { return {kernel_, bias_, mean_, variance_}; }

  bool normalizes() const { return std::holds_alternative<BatchNormConfig>(case_.config); }

  // A fused ReLU's mask, a fused pooling undone (but for the first layer, which does that as it
  // goes), or the sums of batch normalisation's gradients.
  bool prepares() const {
    const auto* conv = std::get_if<ConvConfig>(&case_.config);
    const auto* dense = std::get_if<DenseConfig>(&case_.config);
    if (conv != nullptr) return conv->relu && !(conv->pools && images_);
    return normalizes() || (dense != nullptr && dense->relu);
  }

  double load_bytes() const {
    const std::size_t stored = normalizes() ? sizeof(float) : value_bytes(src_.precision);
    return double(kernel_.size() * (sizeof(float) + stored));
  }

  double prepare_bytes() const {
    const double mask = bytes(dst_.data);
    if (pools(case_.config)) return 5 * bytes(dst_.diff);  // one of four gets it
    return normalizes() ? mask + bytes(src_.data) + bytes(dst_.diff) : mask + 2 * bytes(dst_.diff);
  }

  double backward_bytes() const {
    const double moved = bytes(dst_.diff) + bytes(src_.diff);
    if (normalizes()) return moved + bytes(src_.data) + bytes(dst_.data);
    return masks_for_producer(case_.config) ? moved + bytes(dst_.data) : moved;
  }

  const OpCase& case_;
  bool images_;
  Tensor src_, dst_;
  std::unique_ptr<Op> op_;
  Buffer scratch_;
  std::vector<float> kernel_, bias_, mean_, variance_, diff_kernel_, diff_bias_;
  std::vector<std::uint32_t> samples_;
};

}  // namespace

std::vector<OpCase> op_bench_cases(int batch) {
  std::vector<OpCase> cases;
  add_convolutions(cases);
  add_dense(cases, {64, 7, 7}, 128, true);
  add_dense(cases, {32, 7, 7}, 128, true);
  add_dense(cases, {128, 1, 1}, 10, false);
  for (const auto& [channels, size] : {std::pair{32, 28}, {64, 14}}) {
    add_map(cases, "max_pool2x2", PoolConfig{}, channels, size);
    add_map(cases, "batch_norm+relu", BatchNormConfig{0.9, 1e-5, true}, channels, size);
  }
  add_map(cases, "batch_norm+relu", BatchNormConfig{0.9, 1e-5, true}, 128, 7);
  add_map(cases, "global_max_pool", PoolConfig{true, 7, 7, 7, 7, {}}, 128, 7);
  add_map(cases, "dropout", DropoutConfig{}, 64, 7);
  for (OpCase& c : cases) c.batch = batch;
  return cases;
}

ConvSite site_of(const OpCase& c, Engine& engine, Precision precision) {
  ConvSite site{c.src, Layout::kBlocked, c.batch, precision, true, c.src.channels > 3};
  if (conv_reads_plain(engine, std::get<ConvConfig>(c.config), site)) {
    site.layout = Layout::kPlain;
    site.differentiates_data = false;
  }
  return site;
}

std::vector<OpTiming> time_op(const OpCase& c, Engine& engine, Precision precision,
                              const TimingRules& rules, const StopFlag& stop) {
  if (pools(c.config) &&
      !conv_pools(std::get<ConvConfig>(c.config), site_of(c, engine, precision))) {
    return {};
  }
  return Bench(c, engine, precision).run(rules, stop);
}

}  // namespace tailor::internal
