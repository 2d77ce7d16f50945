// Operations in words, for whoever reads a plan.
#include <fmt/format.h>

#include "tailor/ops/op.hpp"

namespace tailor::internal {

namespace {

std::string pad_text(const Padding2D& p) {
  if (p == Padding2D{}) return "";
  return fmt::format(" zeros {},{},{},{}", p.top, p.bottom, p.left, p.right);
}

std::string behind(bool relu, bool pools) {
  return std::string(relu ? ", relu" : "") + (pools ? ", pools" : "");
}

struct Describe {
  std::string operator()(const ConvConfig& c) const {
    return fmt::format("{} filters {}x{}/{}x{}{}{}{}, {}", c.filters, c.kernel_h, c.kernel_w,
                       c.stride_h, c.stride_w, pad_text(c.pad), c.bias ? ", bias" : "",
                       behind(c.relu, c.pools), to_string(c.kernels));
  }
  std::string operator()(const DenseConfig& d) const {
    return fmt::format("{} units{}{}, {}", d.units, d.bias ? ", bias" : "", behind(d.relu, false),
                       to_string(d.kernels));
  }
  std::string operator()(const PoolConfig& p) const {
    return fmt::format("{} of {}x{}/{}x{}{}", p.max ? "maximum" : "mean", p.window_h, p.window_w,
                       p.stride_h, p.stride_w, pad_text(p.pad));
  }
  std::string operator()(const BatchNormConfig& b) const {
    return fmt::format("momentum {}, epsilon {}{}", b.momentum, b.epsilon, behind(b.relu, b.pools));
  }
  std::string operator()(const ActivationConfig& a) const {
    if (const auto* leaky = std::get_if<LeakyRelu>(&a.function)) {
      return fmt::format("negative slope {}", leaky->negative_slope);
    }
    const auto* gelu = std::get_if<Gelu>(&a.function);
    return gelu != nullptr && gelu->approximate ? "approximate" : "";
  }
  std::string operator()(const DropoutConfig& d) const {
    return fmt::format("rate {}, stream {}", d.rate, d.stream);
  }
  std::string operator()(const PadConfig& p) const {
    return fmt::format("{},{},{},{}", p.pad.top, p.pad.bottom, p.pad.left, p.pad.right);
  }
  std::string operator()(const RescaleConfig& r) const {
    return fmt::format("* {:.6g} + {:.6g}", r.scale, r.offset);
  }
  std::string operator()(const FlattenConfig&) const { return ""; }
};

}  // namespace

std::string describe(const OpConfig& config) {
  return std::visit(Describe{}, config);
}

}  // namespace tailor::internal
