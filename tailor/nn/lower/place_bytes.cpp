// Of an int8 plan: bytes wherever there is a kernel for them, f32 elsewhere, conversions between.
#include <utility>

#include "tailor/nn/lower/passes.hpp"
#include "tailor/ops/own/int8/int8.hpp"

namespace tailor::internal {

namespace {

Tensor bytes_of(const Shape& shape, bool is_signed, int lanes, const PlanSite& site) {
  Tensor t(shape, site.batch, Layout::kChannelsLast, Precision::kInt8, lanes, false);
  t.is_signed = is_signed;
  return t;
}

class Placing {
 public:
  Placing(Nodes& nodes, const PlanSite& site) : nodes_(nodes), site_(site), at_(nodes.input) {}

  void run() {
    for (Node& node : std::exchange(nodes_.list, {})) place(std::move(node));
    want_int8(false, "logits");
  }

 private:
  void place(Node node) {
    if (const auto* config = std::get_if<OpConfig>(&node.work)) {
      node.is_int8 = pays(*config) && has_int8_kernel(*config, at_, is_wide(node), site_);
    }
    want_int8(node.is_int8, node.layer);
    push(std::move(node));
  }

  // Pooling is faster in bytes, but not by what making them costs.
  bool pays(const OpConfig& config) const {
    return at_.is_int8 || !std::holds_alternative<PoolConfig>(config);
  }

  void want_int8(bool wanted, const std::string& layer) {
    if (at_.is_int8 != wanted) push({layer, wanted ? "to int8" : "from int8", Conversion{}});
  }

  void push(Node node) {
    at_ = after(node, at_);
    nodes_.list.push_back(std::move(node));
  }

  Nodes& nodes_;
  const PlanSite& site_;
  Source at_;
};

}  // namespace

bool has_int8_kernel(const OpConfig& config, const Source& source, bool wide,
                     const PlanSite& site) {
  const int lanes = site.engine.lanes();
  Tensor src =
      bytes_of(source.shape, source.is_signed, source.is_image && source.is_int8 ? 1 : lanes, site);
  Tensor dst = bytes_of(output_shape(config, source.shape),
                        may_be_negative(config, source.is_signed), lanes, site);
  if (wide) dst.widen_data();
  return int8::fits(config, {site.engine, src, dst});
}

void place_bytes(Nodes& nodes, const PlanSite& site) {
  Placing(nodes, site).run();
}

}  // namespace tailor::internal
