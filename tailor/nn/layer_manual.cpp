#include "tailor/nn/layer_manual.hpp"

#include <fmt/format.h>

#include <string_view>

#include "tailor/core/text.hpp"
#include "tailor/nn/layer.hpp"

namespace tailor::internal {
namespace {

// What holds for all layers, one paragraph each.
constexpr std::string_view kCommon[] = {
    "A net of one's own is a list of layers in the experiment's file, each with its type and the "
    "options that are not to have their defaults. Names, defaults and meaning are Keras's. `tailor "
    "show seed --toml` prints the net `seed` in this form, to start from.",
    "Sizes are rows, columns, channels. A single number stands for all of a list: kernel_size = 3 "
    "is [3, 3]. A table kernel_regularizer holds l1 and l2, which may also be written without it. "
    "The last layer puts out one value for each class, mostly a dense, with activation softmax or "
    "without, which trains alike; units = 0 there means one for each class.",
    "Every option can be set and searched by its path, with layers counted from 0: `--set "
    "model.layer.2.filters=64`, or \"model.layer.2.filters\" = [32, 64] under [search.space]; "
    "inside "
    "of a residual model.layer.5.body.0.filters."};

constexpr std::string_view kExample =
    "[[model.layer]]\ntype = \"rescaling\"\n\n"
    "[[model.layer]]\ntype = \"conv2d\"\nfilters = 32\nactivation = \"relu\"\n\n"
    "[[model.layer]]\ntype = \"global_average_pooling2d\"\n\n"
    "[[model.layer]]\ntype = \"dense\"\nunits = 0\nactivation = \"softmax\"\n";

std::string indented(std::string_view text, std::size_t columns, std::size_t indent) {
  return std::string(indent, ' ') + wrapped(text, columns, indent) + "\n";
}

std::string option_row(const Field& field) {
  return fmt::format("| `{}` | {} | `{}` | {} |\n", field.path, allowed_text(field), to_toml(field),
                     field.help);
}

std::string markdown_of(Layer layer) {
  const LayerHelp help = help_of(layer);
  std::string out = fmt::format("\n## {}\n\n{}\n\n- **Output**: {}\n", layer_type(layer),
                                wrapped(help.what, 100, 0), wrapped(help.output, 98 - 10, 2));
  if (*help.weights != '\0') {
    out += fmt::format("- **Weights**: {}\n", wrapped(help.weights, 98 - 11, 2));
  }
  out += fmt::format("- **In Keras**: {}\n", help.keras);
  const FieldList fields = fields_of(layer);
  if (fields.empty()) return out;
  out += "\n| option | takes | default | what it is |\n|---|---|---|---|\n";
  for (const Field& field : fields) out += option_row(field);
  return out;
}

}  // namespace

std::string layer_text(const std::string& type, std::size_t columns) {
  Layer layer = make_layer(type, "help");
  const LayerHelp help = help_of(layer);
  std::string out = type + "\n" + indented(help.what, columns, 4) +
                    indented(std::string("Output: ") + help.output, columns, 4);
  if (*help.weights != '\0') {
    out += indented(std::string("Weights: ") + help.weights, columns, 4);
  }
  out += indented(std::string("In Keras: ") + help.keras, columns, 4);
  for (const Field& field : fields_of(layer)) {
    const std::string text =
        fmt::format("{}; {} [{}]", field.help, allowed_text(field), to_toml(field));
    out += fmt::format("    {:<22}  {}\n", field.path, wrapped(text, columns, 28));
  }
  return out;
}

std::string layers_text(std::size_t columns) {
  std::string out = "The layers of a net of one's own (defaults in brackets)\n";
  for (const std::string_view paragraph : kCommon) {
    out += "\n" + wrapped(paragraph, columns, 0) + "\n";
  }
  out += "\n";
  for (std::size_t at = 0; at < kExample.size();) {
    const std::size_t end = kExample.find('\n', at);
    out += end == at ? "\n" : fmt::format("    {}\n", kExample.substr(at, end - at));
    at = end + 1;
  }
  for (const std::string& type : layer_types()) out += "\n" + layer_text(type, columns);
  return out;
}

std::string layers_markdown() {
  std::string out =
      "# Layers\n\nMade by `tailor help layers --markdown` from the program's own lists; a test "
      "fails where the two\ndiffer.\n";
  for (const std::string_view paragraph : kCommon) {
    out += "\n" + wrapped(paragraph, 100, 0) + "\n";
  }
  out += fmt::format("\n```toml\n{}```\n", kExample);
  for (const std::string& type : layer_types()) out += markdown_of(make_layer(type, "help"));
  return out;
}

}  // namespace tailor::internal
