// From layers to operations: what a Plan runs, compiled from a Spec. Here Rescaling melts into
// reading the images, ZeroPadding2D and ReLU into their convolution, Flatten into the Dense behind
// it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tailor/nn/arena.hpp"
#include "tailor/nn/params.hpp"
#include "tailor/nn/plan.hpp"
#include "tailor/nn/regions.hpp"
#include "tailor/ops/check/op_cases.hpp"
#include "tailor/ops/op.hpp"

namespace tailor::internal {

// A batch normalisation that an inference plan folds into the operation before it, which is linear:
// with s = gamma / sqrt(variance + epsilon), kernel * s and (bias - mean) * s + beta by output.
struct FoldedNorm {
  const TensorInfo* gamma = nullptr;
  const TensorInfo* beta = nullptr;
  const TensorInfo* mean = nullptr;
  const TensorInfo* variance = nullptr;
  double epsilon = 0;
  Buffer kernel, bias;  // what the operation loads
};

// One operation and where its parameters are. Null where it has none.
struct Step {
  std::string name;  // "layers.2 conv2d"
  std::unique_ptr<Op> op;
  Tensor* output = nullptr;
  bool differentiates_data = false;  // backward_data has somewhere to go
  bool backward = false;             // takes part in the backward pass at all
  const TensorInfo* kernel = nullptr;
  const TensorInfo* bias = nullptr;
  const TensorInfo* mean = nullptr;
  const TensorInfo* variance = nullptr;
  std::optional<FoldedNorm> norm;
  // Of int8 plans: the tensor whose values, a part of them or their maxima the output holds. Null:
  // the output's range is the layer's own.
  const Tensor* range_from = nullptr;
};

struct Program {
  ParamTable table;            // the steps point into it
  std::deque<Tensor> tensors;  // first the input, last the logits; a deque keeps addresses
  std::vector<Step> steps;
  Regions regions;  // of a plan that trains
  Precision precision = Precision::kF32;
  double input_scale = 1;  // pixels are read as byte * scale + offset
  double input_offset = 0;
  std::map<std::string, OpCase> choices;  // by operation_key(): what kernels were chosen for
  Arena arena;
  Buffer scratch;

  Program() = default;
  Program(const Program&) = delete;
  Tensor& input() { return tensors.front(); }
  Tensor& logits() { return *last; }
  Tensor& last_hidden() { return steps.size() > 1 ? *steps[steps.size() - 2].output : input(); }
  std::vector<Op*> operations() const;
  // From here on it can run: until then its activations are numbers without memory.
  void take_memory(const Engine& engine);
  // Memory of all kinds, also before it is taken.
  std::size_t memory_bytes(const Engine& engine) const;
  // Where the parameters of the steps from this one on begin: the table is in the layers' order.
  std::size_t first_weight(int step) const;
  Tensor* last = nullptr;
};

// What a plan looks like after a pass (lower/passes.hpp), for reading: a line per node; in the end
// whose kernels run and what memory they share.
using SeePass = std::function<void(const std::string& pass, const std::string& text)>;

std::unique_ptr<Program> lower(const Spec& spec, Engine& engine, int batch, Phase phase,
                               Precision precision, const SeePass& see = {});

// The same before take_memory().
std::unique_ptr<Program> lower_on_paper(const Spec& spec, Engine& engine, int batch, Phase phase,
                                        Precision precision, const SeePass& see = {});

// The convolutions and dense layers of a training plan, each once, named by operation_key();
// `pools` where 2x2 max pooling stands behind, whoever does it.
std::vector<OpCase> weighted_operations(const Spec& spec, Engine& engine, int batch,
                                        Precision precision);

}  // namespace tailor::internal
