// A Spec compiled for (engine, batch, phase, precision): every primitive and every byte is made
// once, here; running it allocates nothing of ours, locks nothing, builds nothing. Channels are
// padded to the vector width inside and nowhere else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/nn/params.hpp"
#include "tailor/nn/spec.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/ops/loss.hpp"

namespace tailor::internal {

enum class Phase {
  kTraining,
  kInference,
  kInspection,  // inference that keeps what every operation puts out, for activation()
};

// What dropout draws from: a function of (seed, epoch, sample), never of thread or order.
struct StepRandom {
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;
  std::span<const std::uint32_t> samples;  // the data set row of each image in the batch
};

struct BatchLoss {
  double loss = 0;  // sum of cross-entropies over the batch, without penalty
  int correct = 0;
};

// A batch of which a plan has a share; the rest is with the engine's peers.
struct SharedBatch {
  int images = 0;  // of all shares together; 0: the plan's images are the batch
  // Called during backward(), once or more per operation: all gradients from this element to the
  // end of the buffer are complete.
  std::function<void(std::size_t first)> on_gradients;
};

// Where the time of a plan goes, and what runs there.
struct PlanEntry {
  std::string operation;       // "layers.2 conv2d forward"
  std::string implementation;  // the library's or our kernel's name
  double seconds = 0;          // since profiling was switched on
};

// What one operation puts out for one image, activation function included.
struct ActivationInfo {
  std::string layer;  // "layers.2 conv2d"
  Shape shape;
};

// "layers.2" of an operation's name: the layer it begins with.
std::string layer_of(const std::string& operation);

class Plan {
 public:
  // Throws bad_input for a spec that cannot run (see validate). kInt8 is for inference on CPUs with
  // VNNI (cpu_info()): bytes wherever there is a kernel for them (ops/int8/int8.hpp), f32
  // elsewhere.
  Plan(const Spec& spec, Engine& engine, int batch, Phase phase, Precision precision);
  ~Plan();
  Plan(Plan&&) noexcept;

  int batch() const;

  // Takes over new weights (packs them for the kernels) and, of a plan that does not train, the
  // running statistics. An int8 plan throws bad_input where params.ranges lack a layer it needs.
  void load(const Params& params);

  // `images`: batch pointers to height x width x channels bytes. A training plan applies dropout
  // and updates `params.state`, its running statistics.
  void forward(std::span<const std::uint8_t* const> images, Params& params,
               const StepRandom& random);
  // A plan that does not train reads nothing but what load() took over.
  void forward(std::span<const std::uint8_t* const> images);

  // batch x classes, after forward(): softmax probabilities are computed by loss() and
  // probabilities().
  std::span<const float> logits() const;
  void probabilities(std::span<float> out) const;
  BatchLoss loss(std::span<const Label> labels) const;

  // What the operations put out, in order; the logits last.
  std::vector<ActivationInfo> activations() const;
  // Of one image of the batch after forward() of an inspection plan: shape.size() values in
  // channel, row, column order.
  void activation(std::size_t which, int image, std::span<float> out) const;
  // What the last operation reads: the last hidden layer. Same order; features() are its values of
  // one image, after forward() of a plan that does not train.
  std::size_t feature_count() const;
  void features(int image, std::span<float> out) const;

  // Training plans only: mean cross-entropy over the batch, its gradient with respect to every
  // weight into `gradients` (weights layout, overwritten, penalty not included). Of a shared batch:
  // what this share adds to the gradient of the whole batch's mean.
  BatchLoss backward(const Targets& targets, std::span<float> gradients,
                     const SharedBatch& whole = {});

  // All it holds, from the moment it is made. Activations, their gradients and what else operations
  // need for a part of a step share an arena; bytes_apart() is what they would take without.
  std::size_t memory_bytes() const;
  // The same of a plan that is not made: of its activations no byte is taken.
  static std::size_t planned_bytes(const Spec& spec, Engine& engine, int batch, Phase phase,
                                   Precision precision);
  std::size_t arena_bytes() const;
  std::size_t bytes_apart() const;
  void fill_arena(std::uint8_t byte);  // no step reads what it has not written: for tests of that
  void profile(bool on);
  std::vector<PlanEntry> entries() const;
  int reference_kernels() const;  // must be 0

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tailor::internal
