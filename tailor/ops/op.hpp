// One compiled operation of a plan: what it is (a config), and how it runs (an Op). Configs are
// plain data with every size resolved; Keras's names and defaults live one layer up, in
// nn/spec.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tailor/core/team/part.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/ops/own/activation.hpp"
#include "tailor/ops/tensor.hpp"

namespace tailor::internal {

struct Padding2D {  // zeros around an image
  int top = 0;
  int bottom = 0;
  int left = 0;
  int right = 0;
  bool operator==(const Padding2D&) const = default;
};

struct ConvConfig {
  int filters = 1;
  int kernel_h = 3, kernel_w = 3;
  int stride_h = 1, stride_w = 1;
  Padding2D pad = {};
  bool bias = true;
  bool relu = false;
  bool pools = false;  // 2x2 max pooling behind the ReLU, an odd last row or column dropped: where
                       // conv_pools() says so
  Kernels kernels = Kernels::kOwn;
};

struct DenseConfig {
  int units = 1;
  bool bias = true;
  bool relu = false;
  Kernels kernels = Kernels::kOwn;
};

struct PoolConfig {
  bool max = true;  // false: average over the positions inside the image
  int window_h = 2, window_w = 2;
  int stride_h = 2, stride_w = 2;
  Padding2D pad = {};  // never wins a maximum, never counts in a mean
};

struct BatchNormConfig {
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool relu = false;
  bool pools = false;  // 2x2 max pooling behind the ReLU, an odd last row or column dropped
};

struct ActivationConfig {
  Activation function;
};
struct DropoutConfig {
  static constexpr std::uint32_t kMaxLayers = 64;  // beyond, streams would meet the next epoch's
  double rate = 0.5;
  std::uint32_t stream = 0;  // tells the net's Dropout layers apart
};
struct PadConfig {
  Padding2D pad;
};
struct RescaleConfig {
  double scale = 1;
  double offset = 0;
};
struct FlattenConfig {};  // channel, row, column order, into one column of channels

using OpConfig =
    std::variant<ConvConfig, DenseConfig, PoolConfig, BatchNormConfig, ActivationConfig,
                 DropoutConfig, PadConfig, RescaleConfig, FlattenConfig>;

// The shape that comes out; sizes are taken as valid.
Shape output_shape(const OpConfig& config, const Shape& src);

// What it is set to, for reading: "16 filters 3x3, ReLU, own kernels".
std::string describe(const OpConfig& config);

// Views of one operation's parameters. A convolution's kernel is [out][in][row][column], a dense
// kernel [out][in]; batch normalisation's gamma and beta go as kernel and bias. Empty where there
// is none.
struct ParamSpans {
  std::span<const float> kernel;
  std::span<const float> bias;
  std::span<const float> mean;  // running statistics
  std::span<const float> variance;
};
struct GradientSpans {
  std::span<float> kernel;
  std::span<float> bias;
};

// What dropout draws from, for the batch at hand.
struct DropoutKey {
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;
  std::span<const std::uint32_t> samples;  // data set row of every image
};

// What an operation has in a step of training beside its tensors: the weights it takes over and
// where their gradients go, the running statistics it updates, and what dropout draws from. Empty
// where a plan does not train.
struct StepContext {
  ParamSpans params = {};
  std::span<float> mean = {};
  std::span<float> variance = {};
  DropoutKey dropout = {};
  GradientSpans gradients = {};
};

// The buffers an operation reads or writes in either half of a step, its own among them where they
// hold values for no longer than that: what memory is planned from. A buffer not listed may be
// overwritten in between, one listed for the first time holds anything but zeros. Empty ones do not
// count.
struct BufferUses {
  std::vector<Buffer*> forward;
  std::vector<Buffer*> backward;
};

// What a pass over a tensor's values takes on one thread, about.
inline double pass_microseconds(const Tensor& t) {
  return double(t.size()) / 8000;
}

// What a step of training asks of an operation, in this order.
enum class OpPhase { kLoad, kForward, kPrepareBackward, kBackwardWeights, kBackwardData };
inline constexpr int kOpPhases = 5;
const char* name_of(OpPhase phase);  // "prepare_backward"

// A phase as a training plan shares it out: one stage after another, each of them divided so that
// no byte depends on who does what. A phase that is not divided is one stage of the whole batch.
struct Stage {
  enum class Of {
    kBatch,   // one item; it shares itself out
    kPieces,  // kBatchPieces of the batch's images, each of which needs no other
    kParts,   // `count` items that need all of the batch
  };
  Of of = Of::kBatch;
  int count = 1;
  double microseconds = 0;  // all of it on one thread, about
};
struct Stages {
  int count = 0;
  Stage list[3] = {};
};
inline Stages in_parts(int count, double microseconds) {
  return {1, {{Stage::Of::kParts, count, microseconds}}};
}

// Images of a training batch are passed on in so many pieces, whatever the number of threads: sums
// over a piece round the same for any.
inline constexpr int kBatchPieces = 16;
struct ImageRange {
  int first, last;
};
inline ImageRange images_of_pieces(int batch, int first, int last) {
  return {part(batch, first, kBatchPieces), part(batch, last, kBatchPieces)};
}
inline Stages in_pieces(double microseconds) {
  return {1, {{Stage::Of::kPieces, kBatchPieces, microseconds}}};
}

// A block of memory for every thread of an engine, 64-byte aligned.
struct Scratch {
  char* memory = nullptr;
  std::size_t bytes = 0;  // of one thread
  void* of(int thread) const { return memory + std::size_t(thread) * bytes; }
};

// Knows its tensors when made and their memory when bound; running it allocates nothing of ours.
// backward_* read dst.diff; backward_data overwrites src.diff and is not called where src has none.
// A fused ReLU's mask is applied by prepare_backward, once, before both.
class Op {
 public:
  virtual ~Op() = default;
  virtual void load(const ParamSpans&) {}
  virtual void forward(const StepContext& step) = 0;
  virtual void prepare_backward() {}
  virtual void backward_weights(const GradientSpans&) {}
  virtual void backward_data() {}
  virtual bool has_weights() const { return false; }
  // Of a training plan's operation. One that overrides prepare_backward() must say here that it has
  // something to prepare.
  virtual Stages stages(OpPhase phase) const;
  // Items first..last-1 of a stage, on one thread: `thread` names its scratch.
  virtual void run_stage(OpPhase phase, int stage, const StepContext& step, int first, int last,
                         int thread);
  virtual std::string implementation(OpPhase phase) const;
  virtual BufferUses uses() = 0;
  virtual std::size_t memory_bytes() const { return 0; }  // beyond uses() and scratch
  // Of one thread. It is needed only while a kernel runs, load()'s among them, so a plan's
  // operations share the largest.
  virtual std::size_t scratch_bytes() const { return 0; }
  // Called once, when everything in uses() is placed.
  virtual void bind(const Scratch&) {}
};

// Binds operations that run one at a time on a thread to scratch that they share; returns it.
Buffer bind_scratch(std::span<Op* const> ops, int threads);

// Gives an operation that is in no plan memory of its own and binds it to that; returns its
// scratch.
Buffer bind_alone(Op& op, const Engine& engine);

struct OpContext {
  Engine& engine;
  Tensor& src;
  Tensor& dst;
  bool training = false;
  // Max pooling applies the mask of the ReLU before it on its own, smaller output: zero there means
  // every value of the window was.
  bool masked_by_consumer = false;  // the producer's side: leave dst.diff as it comes
  bool mask_for_producer = false;   // the pooling's side
};

// All stages of a phase, shared out among the engine's threads.
void run_stages(Op& op, const Engine& engine, OpPhase phase, const StepContext& step);

std::unique_ptr<Op> make_op(const OpConfig& config, const OpContext& context);

// The two ends of a residual branch: sum = src + body(src). The fork's backward runs after the
// body's and adds the skip's gradient.
std::unique_ptr<Op> make_fork(Engine& engine, Tensor& src, Tensor& sum);
std::unique_ptr<Op> make_join(Engine& engine, Tensor& skip, Tensor& body, Tensor& sum);

// Bytes (row, column, channel) times scale plus offset, rounded to the tensor's precision, in its
// layout. An int8 tensor takes the bytes as they are: its range is what 255 becomes.
void read_images(Engine& engine, std::span<const std::uint8_t* const> images, double scale,
                 double offset, Tensor& dst);
// Some of the batch's; not of an int8 tensor.
void read_images(Engine& engine, std::span<const std::uint8_t* const> images, double scale,
                 double offset, Tensor& dst, ImageRange range);

// Where in a plan a convolution stands: what decides which kernels there are for it.
struct ConvSite {
  Shape src;
  Layout layout = Layout::kBlocked;
  int batch = 1;
  Precision precision = Precision::kF32;
  bool training = false;
  bool differentiates_data = false;  // of a training plan: makes the gradient of its source
};

// Whether a fast kernel reads a plain (unpadded) source of 1 or 3 channels that needs no gradient.
bool conv_reads_plain(Engine& engine, const ConvConfig& config, ConvSite site);

// Whether this convolution's padding stays in it; otherwise there is a faster kernel where it is a
// PadConfig before it.
bool conv_takes_padding(Engine& engine, const ConvConfig& config, const ConvSite& site);

// Whether a kernel takes 2x2 max pooling in with this convolution, which has a ReLU.
bool conv_pools(const ConvConfig& config, const ConvSite& site);

}  // namespace tailor::internal
