#include "tailor/nn/lower/nodes.hpp"

#include <fmt/format.h>

#include <type_traits>

namespace tailor::internal {

namespace {

std::string marks_of(const Node& n) {
  std::string text;
  const auto add = [&](bool on, const std::string& mark) {
    if (on) text += (text.empty() ? "" : ", ") + mark;
  };
  add(n.reads_images, "reads the images");
  add(!n.zeros.empty(), "zeros of " + n.zeros);
  add(!n.norm.empty(), "normalised by " + n.norm);
  add(n.halves, "may melt");
  add(n.halved, "2x2 pooling behind");
  add(n.masked_by_consumer, "masked by the pooling behind");
  add(is_wide(n), "f32");
  add(n.is_int8, "int8");
  return text;
}

}  // namespace

bool may_be_negative(const OpConfig& config, bool source_may) {
  return std::visit(
      [&](const auto& c) {
        using Config = std::decay_t<decltype(c)>;
        if constexpr (requires { c.relu; }) return !c.relu;
        if constexpr (std::is_same_v<Config, ActivationConfig>) {
          return source_may &&
                 !std::visit([](const auto& f) { return f.kHidesNegative; }, c.function);
        }
        if constexpr (std::is_same_v<Config, RescaleConfig>) return true;
        return source_may;
      },
      config);
}

bool is_wide(const Node& node) {
  const auto* dense = config_of<DenseConfig>(node);
  return node.is_last && dense != nullptr && !dense->relu;
}

Source after(const Node& node, const Source& source) {
  Source out = source;
  out.is_image = false;
  out.behind_weights = source.behind_weights || !node.parameters.empty();
  if (const auto* config = std::get_if<OpConfig>(&node.work)) {
    out.shape = output_shape(*config, source.shape);
    out.is_signed = may_be_negative(*config, source.is_signed);
    out.is_int8 = node.is_int8 && !is_wide(node);
  } else if (std::holds_alternative<Conversion>(node.work)) {
    out.is_int8 = !source.is_int8;
  } else if (std::holds_alternative<Fork>(node.work)) {
    return source;
  } else {
    out.is_signed = true;
  }
  out.layout = node.is_int8 || out.is_int8 ? Layout::kChannelsLast : Layout::kBlocked;
  return out;
}

std::string to_string(const Nodes& nodes) {
  Source at = nodes.input;
  std::string text = fmt::format("  {:<40} {:<50} {:>12}  byte * {:.6g} + {:.6g}{}\n", "images", "",
                                 to_string(at.shape), nodes.input_scale, nodes.input_offset,
                                 at.layout == Layout::kPlain ? ", unpadded"
                                 : at.is_int8                ? ", int8"
                                                             : "");
  for (const Node& n : nodes.list) {
    at = after(n, at);
    const auto* config = std::get_if<OpConfig>(&n.work);
    text +=
        fmt::format("  {:<40} {:<50} {:>12}  {}\n", n.name(),
                    config == nullptr ? "" : describe(*config), to_string(at.shape), marks_of(n));
  }
  return text;
}

}  // namespace tailor::internal
