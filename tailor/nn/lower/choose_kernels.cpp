// Whose kernels convolutions and dense layers run on, and what follows from that: whether the
// images stay unpadded, whether zeros stay in a convolution, whether it takes the pooling behind.
#include <utility>

#include "tailor/nn/lower/passes.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"

namespace tailor::internal {

namespace {

class Choosing {
 public:
  Choosing(Nodes& nodes, const PlanSite& site, std::map<std::string, OpCase>& choices)
      : nodes_(nodes), site_(site), choices_(choices) {}

  void run() {
    choose_all();
    choose_input();
    Source at = nodes_.input;
    std::vector<Node> list = std::exchange(nodes_.list, {});
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (auto* conv = config_of<ConvConfig>(list[i])) {
        at = put_zeros_before(list[i], *conv, at);
        const bool pools =
            take_pooling(list[i], *conv, at, i + 1 < list.size() ? &list[i + 1] : nullptr);
        push(std::move(list[i]), at);
        i += pools;
      } else {
        push(std::move(list[i]), at);
      }
    }
  }

 private:
  // By what the operation is, a pooling behind it included, whoever does that.
  template <class Config>
  void choose(Config& config, const Shape& src) {
    const std::string key = operation_key(config, src, site_.floats());
    config.kernels = site_.engine.choices().of(key);
    choices_.insert({key, {key, config, src, site_.batch}});
  }

  void choose_all() {
    Source at = nodes_.input;
    for (Node& node : nodes_.list) {
      if (auto* conv = config_of<ConvConfig>(node)) {
        conv->pools = node.halved;
        choose(*conv, at.shape);
        conv->pools = false;
      } else if (auto* dense = config_of<DenseConfig>(node)) {
        choose(*dense, at.shape);
      }
      at = after(node, at);
    }
  }

  // Images keep their own bytes in an int8 plan where zero is a byte. Otherwise they are unpadded
  // where what reads them takes them so.
  void choose_input() {
    Source& input = nodes_.input;
    if (site_.is_int8()) {
      input.is_int8 = nodes_.input_offset == 0 && nodes_.input_scale > 0;
      input.layout = input.is_int8 ? Layout::kChannelsLast : Layout::kBlocked;
      return;
    }
    if (nodes_.list.empty() || !nodes_.list.front().reads_images) return;
    const Node& first = nodes_.list.front();
    const auto* conv = config_of<ConvConfig>(first);
    if (conv != nullptr && !conv_reads_plain(site_.engine, *conv, stand(input))) return;
    input.layout = Layout::kPlain;
  }

  // Of a convolution. What is not int8 in an int8 plan reads blocks.
  ConvSite stand(const Source& source) const {
    return {source.shape,   site_.is_int8() ? Layout::kBlocked : source.layout,
            site_.batch,    site_.floats(),
            site_.trains(), site_.trains() && source.behind_weights};
  }

  bool takes_zeros(const ConvConfig& config, const Source& source) const {
    if (site_.is_int8() && has_int8_kernel(config, source, false, site_)) return true;
    return conv_takes_padding(site_.engine, config, stand(source));
  }

  Source put_zeros_before(Node& node, ConvConfig& config, Source at) {
    if (takes_zeros(config, at)) return at;
    const std::string layer = node.zeros.empty() ? node.layer : node.zeros;
    push({layer, "zero_padding2d", PadConfig{std::exchange(config.pad, {})}}, at);
    return at;
  }

  // Whether it takes the node behind in.
  bool take_pooling(Node& node, ConvConfig& config, const Source& at, const Node* behind) const {
    config.pools = node.halved && !site_.is_int8() && conv_pools(config, stand(at));
    if (config.pools) {
      node.what += " + " + behind->what;
      return true;
    }
    const auto* pool = behind == nullptr ? nullptr : config_of<PoolConfig>(*behind);
    node.masked_by_consumer = config.relu && pool != nullptr && pool->max;
    return false;
  }

  void push(Node node, Source& at) {
    at = after(node, at);
    nodes_.list.push_back(std::move(node));
  }

  Nodes& nodes_;
  const PlanSite& site_;
  std::map<std::string, OpCase>& choices_;
};

}  // namespace

void choose_kernels(Nodes& nodes, const PlanSite& site, std::map<std::string, OpCase>& choices) {
  Choosing(nodes, site, choices).run();
}

}  // namespace tailor::internal
