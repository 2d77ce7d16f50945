// TOML -> Experiment.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"
#include "tailor/core/toml.hpp"
#include "tailor/study/experiment/checks.hpp"
#include "tailor/study/experiment/experiment.hpp"

namespace tailor::internal {
namespace {

std::string kind_text(const TomlNode& node) {
  if (node.table() != nullptr) return "a table";
  if (node.list() != nullptr) return "a list";
  if (node.text() != nullptr) return "text";
  if (node.integer() != nullptr) return "a whole number";
  if (node.is_number()) return "a number";
  return node.scalar() != nullptr ? "true or false" : "a date or time";
}

std::string joined(const std::string& prefix, std::string_view key) {
  return prefix.empty() ? std::string(key) : fmt::format("{}.{}", prefix, key);
}

// {"Shirt" = 2.0}, as text; what is no scalar in it is left to whoever reads that.
std::string inline_table(const TomlNode::Table& table) {
  std::string text;
  for (const auto& [key, node] : table) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", toml_text(key),
                        node.scalar() != nullptr ? to_toml(*node.scalar()) : "[]");
  }
  return fmt::format("{{{}}}", text);
}

// Options that a net is made from; the rest of a card only tells of its training.
bool decides_the_net(std::string_view path) {
  return path == "model" || path.starts_with("model.");
}

class Reader {
 public:
  enum class Of { kFile, kCard };

  Reader(std::string source, Of of) : source_(std::move(source)), of_(of) {}

  Experiment read(const TomlNode& root) {
    if (const TomlNode* layers = root.find_path("model.layer")) {
      read_layers(*layers, "model.layer", experiment_.model.layers);
      if (root.find_path("model.name") == nullptr) experiment_.model.name = "custom";
    }
    fields_ = fields_of(experiment_);
    read_table(root, "");
    if (const TomlNode* space = root.find_path("search.space")) {
      if (!unless_unknown("search.space", [&] { read_spaces(*space); })) {
        experiment_.search.spaces.clear();
      }
    }
    if (of_ == Of::kFile) check_together(root);
    return std::move(experiment_);
  }

 private:
  [[noreturn]] void fail(const TomlNode& node, const std::string& message) const {
    throw bad_input(fmt::format("{}:{}: {}", source_, node.line, message));
  }

  // Runs `work` and puts file and line of `node` before the message of what it throws.
  void located(const TomlNode& node, const std::function<void()>& work) const {
    try {
      work();
    } catch (const Error& error) {
      fail(node, error.what());
    }
  }

  void assign_node(const Field& field, const TomlNode& node) const {
    if (const TomlNode::List* list = node.list()) {
      std::vector<Value> values;
      for (const TomlNode& item : *list) {
        const Value* value = item.scalar();
        if (value == nullptr) {
          fail(item, fmt::format("{} cannot hold {} in its list", field.path, kind_text(item)));
        }
        values.push_back(*value);
      }
      return located(node, [&] { assign(field, values); });
    }
    const Value* value = node.scalar();
    if (value == nullptr) {
      fail(node, fmt::format("{} takes {}, not {}", field.path, type_text(field), kind_text(node)));
    }
    located(node, [&] { assign(field, *value); });
  }

  // Messages of check_experiment start with the path of the option at fault.
  void check_together(const TomlNode& root) const {
    try {
      check_experiment(experiment_);
    } catch (const Error& error) {
      const std::string message = error.what();
      const TomlNode* node = root.find_path(message.substr(0, message.find_first_of(": ")));
      fail(node != nullptr ? *node : root, message);
    }
  }

  // --- [tables] ------------------------------------------------------------------------------

  bool is_table_of_options(const std::string& path) const {
    return std::any_of(fields_.begin(), fields_.end(),
                       [&](const Field& field) { return field.path.starts_with(path + "."); });
  }

  void read_table(const TomlNode& table, const std::string& prefix) {
    for (const auto& [key, node] : *table.table()) {
      const std::string path = joined(prefix, key);
      if (path == "model.layer" || path == "search.space") continue;
      unless_unknown(path, [&, &key = key, &node = node] { read_entry(path, prefix, key, node); });
    }
  }

  void read_entry(const std::string& path, const std::string& prefix, const std::string& key,
                  const TomlNode& node) {
    if (const Field* field = find_field(fields_, path)) {
      read_option(*field, node);
    } else if (is_table_of_options(path)) {
      if (node.table() == nullptr) {
        fail(node, fmt::format("{} is a table of options, not {}", path, kind_text(node)));
      }
      read_table(node, path);
    } else {
      fail(node, unknown_key_text(path, prefix, key));
    }
  }

  // Whether `work` read what stands at `path`; false where a card may hold what is not known.
  template <class Work>
  bool unless_unknown(const std::string& path, Work work) const {
    if (of_ == Of::kFile || decides_the_net(path)) {
      work();
      return true;
    }
    try {
      work();
    } catch (const Error&) {
      return false;
    }
    return true;
  }

  // error_score is text that may look like a number: `error_score = 0` and `= nan` mean the same
  // as with quotes. The size of images is a list or "auto"; class_weight is text or a table.
  void read_option(const Field& field, const TomlNode& node) {
    if (field.path == "search.error_score" && node.is_number()) {
      experiment_.search.error_score = to_text(*node.scalar());
    } else if (field.path == "image.size" && node.text() != nullptr && *node.text() == "auto") {
      experiment_.data.image.size.clear();
    } else if (field.path == "train.class_weight" && node.table() != nullptr) {
      experiment_.train.class_weight = inline_table(*node.table());
    } else {
      assign_node(field, node);
    }
  }

  // What a person most likely meant: a neighbour in the same table, or an option of another one.
  std::string unknown_key_text(const std::string& path, const std::string& prefix,
                               const std::string& key) const {
    const std::string typed = excerpt(path);
    std::vector<std::string> neighbours;
    if (prefix == "model") neighbours.push_back("layer");
    if (prefix == "search") neighbours.push_back("space");
    for (const Field& field : fields_) {
      if (!prefix.empty() && !field.path.starts_with(prefix + ".")) continue;
      const std::string rest = field.path.substr(prefix.empty() ? 0 : prefix.size() + 1);
      neighbours.push_back(rest.substr(0, rest.find('.')));
    }
    std::string nearest = nearest_name(key, neighbours);
    if (!nearest.empty())
      return fmt::format("unknown key {}; did you mean {}?", typed, joined(prefix, nearest));
    nearest = nearest_path(key, fields_);
    if (!nearest.empty()) return fmt::format("unknown key {}; did you mean {}?", typed, nearest);
    neighbours.erase(std::unique(neighbours.begin(), neighbours.end()), neighbours.end());
    return fmt::format("unknown key {}; known here: {}", typed, fmt::join(neighbours, ", "));
  }

  // --- [[model.layer]] -----------------------------------------------------------------------

  void read_layers(const TomlNode& node, const std::string& path, std::vector<Layer>& into) {
    const TomlNode::List* list = node.list();
    if (list == nullptr) fail(node, fmt::format("{} is a list of tables: [[{}]]", path, path));
    for (const TomlNode& item : *list) {
      const std::string where = fmt::format("{}.{}", path, into.size());
      if (item.table() == nullptr) fail(item, fmt::format("{} must be a table", where));
      if (++layers_ > kMostLayers) {
        fail(item, fmt::format("a model may have {} layers at most", grouped(kMostLayers)));
      }
      into.push_back(read_layer(item, where));
    }
  }

  Layer read_layer(const TomlNode& table, const std::string& where) {
    const TomlNode* type = table.find("type");
    if (type == nullptr || type->text() == nullptr) {
      fail(table,
           fmt::format("{} needs its type, one of {}", where, fmt::join(layer_types(), ", ")));
    }
    Layer layer;
    located(*type, [&] { layer = make_layer(*type->text(), where); });
    FieldList options;
    append_fields(options, where, fields_of(layer));
    read_layer_options(table, where, where, options);
    if (auto* residual = std::get_if<Residual>(&layer.kind)) {
      const TomlNode* body = table.find("body");
      if (body == nullptr) fail(table, fmt::format("{} (residual) needs a body", where));
      read_layers(*body, where + ".body", residual->body);
    }
    return layer;
  }

  void read_layer_options(const TomlNode& table, const std::string& prefix,
                          const std::string& layer, const FieldList& options) {
    for (const auto& [key, node] : *table.table()) {
      const std::string path = joined(prefix, key);
      if (path == layer + ".type" || path == layer + ".body") continue;
      const Field* field = find_field(options, path);
      if (field == nullptr && (key == "l1" || key == "l2")) {
        field = find_field(options, joined(layer + ".kernel_regularizer", key));
      }
      if (field != nullptr) {
        assign_layer_option(*field, node, path == layer + ".padding" ? 4 : 2);
      } else if (node.table() != nullptr) {
        read_layer_options(node, path, layer, options);
      } else {
        fail(node, unknown_option_text(path, options));
      }
    }
  }

  // Keras's shorthand: kernel_size = 3 is [3, 3], padding = 1 is one row on all four sides.
  void assign_layer_option(const Field& field, const TomlNode& node, std::size_t sides) const {
    if (std::holds_alternative<std::vector<int>*>(field.target) && node.integer() != nullptr) {
      const std::vector<Value> values(sides, *node.scalar());
      located(node, [&] { assign(field, values); });
    } else {
      assign_node(field, node);
    }
  }

  // --- [search.space] ------------------------------------------------------------------------

  void read_spaces(const TomlNode& node) {
    if (node.table() != nullptr) return read_space(node);
    const TomlNode::List* list = node.list();
    if (list == nullptr) fail(node, "search.space is a table: [search.space]");
    for (const TomlNode& item : *list) {
      if (item.table() == nullptr) {
        fail(item, "search.space is a list of tables: [[search.space]]");
      }
      read_space(item);
    }
  }

  void read_space(const TomlNode& table) {
    Space space;
    read_dimensions(table, "", space);
    if (space.empty()) fail(table, "search.space is empty; name at least one option to vary");
    std::sort(space.begin(), space.end(),
              [](const Dimension& a, const Dimension& b) { return a.path < b.path; });
    located(table, [&] { validate(space); });
    experiment_.search.spaces.push_back(std::move(space));
  }

  // Both "model.kernels" = [..] and model.kernels = [..], which TOML reads as a table in a table.
  void read_dimensions(const TomlNode& table, const std::string& prefix, Space& space) {
    for (const auto& [key, node] : *table.table()) {
      const std::string path = joined(prefix, key);
      if (node.table() != nullptr && !is_range(node) && find_field(fields_, path) == nullptr) {
        if (!is_table_of_options(path)) {
          fail(node, fmt::format("search.space: {}", unknown_option_text(path, fields_)));
        }
        read_dimensions(node, path, space);
        continue;
      }
      const Dimension dimension = read_dimension(path, node);
      located(node, [&] {
        validate(Space{dimension});
        check_dimension(dimension, experiment_);
      });
      for (const Dimension& other : space) {
        if (other.path == path) fail(node, fmt::format("search.space names {} twice", path));
      }
      space.push_back(dimension);
    }
  }

  static bool is_range(const TomlNode& node) {
    return node.find("uniform") != nullptr || node.find("loguniform") != nullptr ||
           node.find("randint") != nullptr;
  }

  Dimension read_dimension(const std::string& path, const TomlNode& node) const {
    if (const TomlNode::List* list = node.list()) {
      Choices choices;
      for (const TomlNode& item : *list) {
        const Value* value = item.scalar();
        if (value == nullptr) {
          fail(item, fmt::format("search.space: {} cannot take {}", path, kind_text(item)));
        }
        choices.push_back(*value);
      }
      return {path, choices};
    }
    const TomlNode::Table* table = node.table();
    if (table == nullptr || table->size() != 1 || !is_range(node)) {
      fail(node, fmt::format("search.space: {} needs a list of values, {{uniform = [loc, scale]}}, "
                             "{{loguniform = [low, high]}} or {{randint = [low, high]}}",
                             path));
    }
    return {path, read_range(path, table->front())};
  }

  decltype(Dimension::from) read_range(const std::string& path,
                                       const TomlNode::Entry& range) const {
    const auto& [kind, node] = range;
    const TomlNode::List* ends = node.list();
    if (ends == nullptr || ends->size() != 2 || !(*ends)[0].is_number() ||
        !(*ends)[1].is_number()) {
      fail(node, fmt::format("search.space: {}: {} takes two numbers", path, kind));
    }
    const TomlNode& first = (*ends)[0];
    const TomlNode& second = (*ends)[1];
    if (kind == "randint") {
      if (first.integer() == nullptr || second.integer() == nullptr) {
        fail(node, fmt::format("search.space: {}: randint takes whole numbers", path));
      }
      return IntegerRange{*first.integer(), *second.integer()};
    }
    if (kind == "uniform") return UniformRange{first.number(), second.number()};
    return LogUniformRange{first.number(), second.number()};
  }

  std::string source_;
  Of of_;
  std::size_t layers_ = 0;  // with those of bodies
  Experiment experiment_;
  FieldList fields_;  // of experiment_, once its layers are known
};

// Of an experiment that says no name: its file's. The default is the main job's, whose folder is
// not for everybody.
std::string name_after(const std::filesystem::path& file) {
  const std::string stem = file.stem().string();
  return stem.empty() || stem == "." || stem == ".." || !is_utf8(stem) ? "experiment" : stem;
}

}  // namespace

Experiment parse_experiment(const std::string& toml, const std::string& source) {
  return Reader(source, Reader::Of::kFile).read(parse_toml(toml, source));
}

Experiment parse_card_experiment(const std::string& toml, const std::string& source) {
  return Reader(source, Reader::Of::kCard).read(parse_toml(toml, source));
}

Experiment load_experiment(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  Experiment experiment = parse_experiment(text, file.string());
  if (parse_toml(text, file.string()).find("name") == nullptr) experiment.name = name_after(file);
  return experiment;
}

}  // namespace tailor::internal
