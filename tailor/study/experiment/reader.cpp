// TOML -> Experiment. Only this file and ops/kernel_choices_file.cpp know toml++.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/study/experiment/checks.hpp"
#include "tailor/study/experiment/experiment.hpp"

namespace tailor::internal {
namespace {

std::string kind_text(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

std::optional<Value> scalar(const toml::node& node) {
  if (const auto* flag = node.as_boolean()) return Value(flag->get());
  if (const auto* number = node.as_integer()) return Value(number->get());
  if (const auto* number = node.as_floating_point()) return Value(number->get());
  if (const auto* text = node.as_string()) return Value(text->get());
  return std::nullopt;
}

std::string joined(const std::string& prefix, std::string_view key) {
  return prefix.empty() ? std::string(key) : fmt::format("{}.{}", prefix, key);
}

class Reader {
 public:
  explicit Reader(std::string source) : source_(std::move(source)) {}

  Experiment read(const toml::table& root) {
    if (const auto* model = root["model"].as_table()) read_model_layers(*model);
    fields_ = fields_of(experiment_);
    read_table(root, "");
    if (const toml::node* space = root["search"]["space"].node()) read_spaces(*space);
    check_together(root);
    return std::move(experiment_);
  }

 private:
  [[noreturn]] void fail(const toml::node& node, const std::string& message) const {
    throw bad_input(fmt::format("{}:{}: {}", source_, node.source().begin.line, message));
  }

  // Runs `work` and puts file and line of `node` before the message of what it throws.
  void located(const toml::node& node, const std::function<void()>& work) const {
    try {
      work();
    } catch (const Error& error) {
      fail(node, error.what());
    }
  }

  void assign_node(const Field& field, const toml::node& node) const {
    if (const auto* list = node.as_array()) {
      std::vector<Value> values;
      for (const toml::node& item : *list) {
        const auto value = scalar(item);
        if (!value) {
          fail(item, fmt::format("{} cannot hold {} in its list", field.path, kind_text(item)));
        }
        values.push_back(*value);
      }
      return located(node, [&] { assign(field, values); });
    }
    const auto value = scalar(node);
    if (!value) {
      fail(node, fmt::format("{} takes {}, not {}", field.path, type_text(field), kind_text(node)));
    }
    located(node, [&] { assign(field, *value); });
  }

  // Messages of check_experiment start with the path of the option at fault.
  void check_together(const toml::table& root) const {
    try {
      check_experiment(experiment_);
    } catch (const Error& error) {
      const std::string message = error.what();
      const toml::node* node = root.at_path(message.substr(0, message.find(' '))).node();
      fail(node != nullptr ? *node : root, message);
    }
  }

  // --- [tables] ------------------------------------------------------------------------------

  bool is_table_of_options(const std::string& path) const {
    return std::any_of(fields_.begin(), fields_.end(),
                       [&](const Field& field) { return field.path.starts_with(path + "."); });
  }

  void read_table(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string path = joined(prefix, key.str());
      if (path == "model.layer" || path == "search.space") continue;
      if (const Field* field = find_field(fields_, path)) {
        read_option(*field, node);
      } else if (is_table_of_options(path)) {
        const toml::table* inner = node.as_table();
        if (inner == nullptr) {
          fail(node, fmt::format("{} is a table of options, not {}", path, kind_text(node)));
        }
        read_table(*inner, path);
      } else {
        fail(node, unknown_key_text(path, prefix, std::string(key.str())));
      }
    }
  }

  // error_score is text that may look like a number: `error_score = 0` and `= nan` mean the same
  // as with quotes.
  void read_option(const Field& field, const toml::node& node) {
    if (field.path == "search.error_score" && node.is_number()) {
      experiment_.search.error_score = to_text(*scalar(node));
    } else {
      assign_node(field, node);
    }
  }

  // What a person most likely meant: a neighbour in the same table, or an option of another one.
  std::string unknown_key_text(const std::string& path, const std::string& prefix,
                               const std::string& key) const {
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
      return fmt::format("unknown key {}; did you mean {}?", path, joined(prefix, nearest));
    nearest = nearest_path(key, fields_);
    if (!nearest.empty()) return fmt::format("unknown key {}; did you mean {}?", path, nearest);
    neighbours.erase(std::unique(neighbours.begin(), neighbours.end()), neighbours.end());
    return fmt::format("unknown key {}; known here: {}", path, fmt::join(neighbours, ", "));
  }

  // --- [[model.layer]] -----------------------------------------------------------------------

  void read_model_layers(const toml::table& model) {
    const toml::node* layers = model.get("layer");
    if (layers == nullptr) return;
    read_layers(*layers, "model.layer", experiment_.model.layers);
    if (!model.contains("name")) experiment_.model.name = "custom";
  }

  void read_layers(const toml::node& node, const std::string& path, std::vector<Layer>& into) {
    const toml::array* list = node.as_array();
    if (list == nullptr) fail(node, fmt::format("{} is a list of tables: [[{}]]", path, path));
    for (const toml::node& item : *list) {
      const std::string where = fmt::format("{}.{}", path, into.size());
      const toml::table* table = item.as_table();
      if (table == nullptr) fail(item, fmt::format("{} must be a table", where));
      into.push_back(read_layer(*table, where));
    }
  }

  Layer read_layer(const toml::table& table, const std::string& where) {
    const toml::node* type = table.get("type");
    if (type == nullptr || !type->is_string()) {
      fail(table,
           fmt::format("{} needs its type, one of {}", where, fmt::join(layer_types(), ", ")));
    }
    Layer layer;
    located(*type, [&] { layer = make_layer(type->as_string()->get(), where); });
    FieldList options;
    append_fields(options, where, fields_of(layer));
    read_layer_options(table, where, where, options);
    if (auto* residual = std::get_if<Residual>(&layer.kind)) {
      const toml::node* body = table.get("body");
      if (body == nullptr) fail(table, fmt::format("{} (residual) needs a body", where));
      read_layers(*body, where + ".body", residual->body);
    }
    return layer;
  }

  void read_layer_options(const toml::table& table, const std::string& prefix,
                          const std::string& layer, const FieldList& options) {
    for (const auto& [key, node] : table) {
      const std::string path = joined(prefix, key.str());
      if (path == layer + ".type" || path == layer + ".body") continue;
      const Field* field = find_field(options, path);
      if (field == nullptr && (key.str() == "l1" || key.str() == "l2")) {
        field = find_field(options, joined(layer + ".kernel_regularizer", key.str()));
      }
      if (field != nullptr) {
        assign_layer_option(*field, node, path == layer + ".padding" ? 4 : 2);
      } else if (const toml::table* inner = node.as_table()) {
        read_layer_options(*inner, path, layer, options);
      } else {
        fail(node, unknown_option_text(path, options));
      }
    }
  }

  // Keras's shorthand: kernel_size = 3 is [3, 3], padding = 1 is one row on all four sides.
  void assign_layer_option(const Field& field, const toml::node& node, std::size_t sides) const {
    if (std::holds_alternative<std::vector<int>*>(field.target) && node.is_integer()) {
      const std::vector<Value> values(sides, *scalar(node));
      located(node, [&] { assign(field, values); });
    } else {
      assign_node(field, node);
    }
  }

  // --- [search.space] ------------------------------------------------------------------------

  void read_spaces(const toml::node& node) {
    if (const toml::table* table = node.as_table()) return read_space(*table);
    const toml::array* list = node.as_array();
    if (list == nullptr) fail(node, "search.space is a table: [search.space]");
    for (const toml::node& item : *list) {
      const toml::table* table = item.as_table();
      if (table == nullptr) fail(item, "search.space is a list of tables: [[search.space]]");
      read_space(*table);
    }
  }

  void read_space(const toml::table& table) {
    Space space;
    read_dimensions(table, "", space);
    if (space.empty()) fail(table, "search.space is empty; name at least one option to vary");
    std::sort(space.begin(), space.end(),
              [](const Dimension& a, const Dimension& b) { return a.path < b.path; });
    located(table, [&] { validate(space); });
    experiment_.search.spaces.push_back(std::move(space));
  }

  // Both "model.kernels" = [..] and model.kernels = [..], which TOML reads as a table in a table.
  void read_dimensions(const toml::table& table, const std::string& prefix, Space& space) {
    for (const auto& [key, node] : table) {
      const std::string path = joined(prefix, key.str());
      const toml::table* inner = node.as_table();
      if (inner != nullptr && !is_range(*inner) && find_field(fields_, path) == nullptr) {
        if (!is_table_of_options(path)) {
          fail(node, fmt::format("search.space: {}", unknown_option_text(path, fields_)));
        }
        read_dimensions(*inner, path, space);
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

  static bool is_range(const toml::table& table) {
    return table.contains("uniform") || table.contains("loguniform") || table.contains("randint");
  }

  Dimension read_dimension(const std::string& path, const toml::node& node) const {
    if (const toml::array* list = node.as_array()) {
      Choices choices;
      for (const toml::node& item : *list) {
        const auto value = scalar(item);
        if (!value) {
          fail(item, fmt::format("search.space: {} cannot take {}", path, kind_text(item)));
        }
        choices.push_back(*value);
      }
      return {path, choices};
    }
    const toml::table* table = node.as_table();
    if (table == nullptr || table->size() != 1 || !is_range(*table)) {
      fail(node, fmt::format("search.space: {} needs a list of values, {{uniform = [loc, scale]}}, "
                             "{{loguniform = [low, high]}} or {{randint = [low, high]}}",
                             path));
    }
    return {path, read_range(path, *table)};
  }

  decltype(Dimension::from) read_range(const std::string& path, const toml::table& table) const {
    const std::string kind(table.begin()->first.str());
    const toml::node& node = table.begin()->second;
    const toml::array* ends = node.as_array();
    if (ends == nullptr || ends->size() != 2 || !(*ends)[0].is_number() ||
        !(*ends)[1].is_number()) {
      fail(node, fmt::format("search.space: {}: {} takes two numbers", path, kind));
    }
    const toml::node& first = (*ends)[0];
    const toml::node& second = (*ends)[1];
    if (kind == "randint") {
      if (!first.is_integer() || !second.is_integer()) {
        fail(node, fmt::format("search.space: {}: randint takes whole numbers", path));
      }
      return IntegerRange{*first.value<std::int64_t>(), *second.value<std::int64_t>()};
    }
    const double a = *first.value<double>();
    const double b = *second.value<double>();
    if (kind == "uniform") return UniformRange{a, b};
    return LogUniformRange{a, b};
  }

  std::string source_;
  Experiment experiment_;
  FieldList fields_;  // of experiment_, once its layers are known
};

}  // namespace

Experiment parse_experiment(const std::string& toml, const std::string& source) {
  try {
    return Reader(source).read(toml::parse(toml, source));
  } catch (const toml::parse_error& error) {
    throw bad_input(
        fmt::format("{}:{}: {}", source, error.source().begin.line, error.description()));
  }
}

Experiment load_experiment(const std::filesystem::path& file) {
  return parse_experiment(read_text(file), file.string());
}

}  // namespace tailor::internal
