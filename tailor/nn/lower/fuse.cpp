// What melts into a neighbour whatever kernels will run: a Rescaling into reading the images, a
// ReLU into the operation before it, in inference a batch normalisation into its convolution, zeros
// into the convolution behind, a Flatten into the dense layer behind. A 2x2 pooling is marked where
// a convolution might take it in.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/nn/lower/passes.hpp"

namespace tailor::internal {

namespace {

Padding2D operator+(const Padding2D& a, const Padding2D& b) {
  return {a.top + b.top, a.bottom + b.bottom, a.left + b.left, a.right + b.right};
}

void take_rescaling(Nodes& nodes) {
  if (!nodes.list.empty()) {
    if (const auto* r = config_of<RescaleConfig>(nodes.list.front())) {
      nodes.input_scale = r->scale;
      nodes.input_offset = r->offset;
      nodes.list.erase(nodes.list.begin());
    }
  }
  const double black = nodes.input_offset;
  nodes.input.is_signed = std::min(black, 255 * nodes.input_scale + black) < 0;
}

// The convolution or dense layer that reads the images as they are: nothing but zeros before the
// one, nothing but a Flatten before the other.
void mark_first_reader(Nodes& nodes) {
  std::size_t i = 0;
  Padding2D zeros;
  const auto at = [&](std::size_t k) { return k < nodes.list.size() ? &nodes.list[k] : nullptr; };
  for (; at(i) != nullptr && config_of<PadConfig>(*at(i)) != nullptr; ++i) {
    zeros = zeros + config_of<PadConfig>(*at(i))->pad;
  }
  if (at(i) == nullptr) return;
  if (config_of<ConvConfig>(*at(i)) != nullptr) at(i)->reads_images = true;
  if (zeros == Padding2D{} && config_of<FlattenConfig>(*at(i)) != nullptr && at(i + 1) != nullptr &&
      config_of<DenseConfig>(*at(i + 1)) != nullptr) {
    at(i + 1)->reads_images = true;
  }
}

bool* relu_of(Node& node) {
  if (auto* c = config_of<ConvConfig>(node)) return &c->relu;
  if (auto* d = config_of<DenseConfig>(node)) return &d->relu;
  if (auto* b = config_of<BatchNormConfig>(node)) return &b->relu;
  return nullptr;
}

// Takes what melts into one operation from those behind it.
class Melting {
 public:
  Melting(std::vector<Node> list, Phase phase)
      : list_(std::move(list)), trains_(phase == Phase::kTraining) {}

  std::vector<Node> run(Shape shape) {
    while (next_ < list_.size()) {
      Node node = std::move(list_[next_++]);
      melt_into(node, shape);
      if (const auto* config = std::get_if<OpConfig>(&node.work)) {
        shape = output_shape(*config, shape);
      }
      out_.push_back(std::move(node));
    }
    return std::move(out_);
  }

 private:
  template <class Config>
  const Config* behind() const {
    return next_ < list_.size() ? config_of<Config>(list_[next_]) : nullptr;
  }
  bool relu_behind() const {
    const auto* a = behind<ActivationConfig>();
    return a != nullptr && std::holds_alternative<Relu>(a->function);
  }
  bool halves_behind() const { return next_ < list_.size() && list_[next_].halves; }

  void melt_into(Node& node, const Shape& shape) {
    take_relu(node);
    if (auto* c = config_of<ConvConfig>(node)) {
      if (!c->relu && !trains_) take_norm(node, *c);
      node.halved = c->relu && halves_behind();
    } else if (auto* b = config_of<BatchNormConfig>(node)) {
      b->pools = b->relu && shape.height * shape.width > 1 && halves_behind();
      if (b->pools) node.what += " + " + list_[next_++].what;
    }
  }

  void take_relu(Node& node) {
    bool* relu = relu_of(node);
    if (relu == nullptr || *relu || !relu_behind()) return;
    *relu = true;
    ++next_;
  }

  void take_norm(Node& node, ConvConfig& config) {
    const auto* norm = behind<BatchNormConfig>();
    if (norm == nullptr) return;
    const Node& taken = list_[next_++];
    node.norm = taken.layer;
    node.epsilon = norm->epsilon;
    node.what += " + " + taken.what;
    config.bias = true;
    take_relu(node);
  }

  std::vector<Node> list_;
  bool trains_;
  std::size_t next_ = 0;
  std::vector<Node> out_;
};

// Carries zeros to the convolution behind them and a Flatten to the dense layer behind it; where
// there is none they stay operations. What works on each value alone lets a Flatten pass.
class Carrying {
 public:
  explicit Carrying(Phase phase) : trains_(phase == Phase::kTraining) {}

  std::vector<Node> run(std::vector<Node> list, const Shape& shape) {
    shape_ = shape;
    for (Node& node : list) carry(std::move(node));
    put_down();
    return std::move(out_);
  }

 private:
  void carry(Node node) {
    if (const auto* pad = config_of<PadConfig>(node)) {
      if (flattens_) put_down();
      zeros_ = zeros_ + pad->pad;
      carried_ = std::move(node);
    } else if (config_of<FlattenConfig>(node) != nullptr) {
      if (zeros_ != Padding2D{}) put_down();
      flattens_ = true;
      carried_ = std::move(node);
    } else if (auto* conv = config_of<ConvConfig>(node)) {
      if (flattens_) put_down();
      if (zeros_ != Padding2D{}) node.zeros = carried_.layer;
      conv->pad = conv->pad + std::exchange(zeros_, {});
      push(std::move(node));
    } else if (config_of<DenseConfig>(node) != nullptr) {
      if (zeros_ != Padding2D{}) put_down();
      flattens_ = false;
      push(std::move(node));
    } else {
      stand_before(std::move(node));
    }
  }

  void stand_before(Node node) {
    const bool is_dropout = config_of<DropoutConfig>(node) != nullptr;
    const bool by_value = is_dropout || config_of<ActivationConfig>(node) != nullptr;
    if (!by_value || zeros_ != Padding2D{}) put_down();
    if (is_dropout && !trains_) return;
    if (std::holds_alternative<Join>(node.work)) copy_empty_body(node);
    push(std::move(node));
  }

  // A body that only passes on (a Flatten of one pixel) would add a tensor to itself, gradients
  // included.
  void copy_empty_body(const Node& join) {
    if (!trains_ || !std::holds_alternative<Fork>(out_.back().work)) return;
    push({join.layer, "residual copy", DropoutConfig{0}});
  }

  void put_down() {
    if (zeros_ != Padding2D{}) {
      push({carried_.layer, "zero_padding2d", PadConfig{std::exchange(zeros_, {})}});
    }
    if (std::exchange(flattens_, false) && shape_.height * shape_.width > 1) {
      push({carried_.layer, "flatten", FlattenConfig{}});
    }
  }

  void push(Node node) {
    if (const auto* config = std::get_if<OpConfig>(&node.work)) {
      shape_ = output_shape(*config, shape_);
    }
    out_.push_back(std::move(node));
  }

  bool trains_;
  Shape shape_;            // of what the next node reads
  Padding2D zeros_;        // not yet taken by a convolution
  bool flattens_ = false;  // not yet taken by a dense layer
  Node carried_;           // the last of those
  std::vector<Node> out_;
};

// Tells the dropouts apart.
void number_dropouts(std::vector<Node>& list) {
  std::uint32_t number = 0;
  for (Node& node : list) {
    auto* dropout = config_of<DropoutConfig>(node);
    if (dropout == nullptr) continue;
    if (number == DropoutConfig::kMaxLayers) {
      throw bad_input(
          fmt::format("a model may have at most {} dropout layers", DropoutConfig::kMaxLayers));
    }
    dropout->stream = number++;
  }
}

}  // namespace

void fuse(Nodes& nodes, Phase phase) {
  take_rescaling(nodes);
  mark_first_reader(nodes);
  const Shape& input = nodes.input.shape;
  nodes.list = Melting(std::move(nodes.list), phase).run(input);
  nodes.list = Carrying(phase).run(std::move(nodes.list), input);
  number_dropouts(nodes.list);
}

}  // namespace tailor::internal
