#include "tailor/study/experiment/option_manual.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "tailor/core/text.hpp"
#include "tailor/study/experiment/checks.hpp"
#include "tailor/study/experiment/experiment.hpp"

namespace tailor::internal {
namespace {

// What holds for all options, one paragraph each.
constexpr std::string_view kAboutOptions[] = {
    "An experiment is a TOML file; an option that it leaves out has its default. `--set "
    "PATH=VALUE` sets any option by its path, after the file and the short flags: `--set "
    "train.epochs=5`, `--set 'data.class_names=[\"cat\", \"dog\"]'`.",
    "A search varies what is marked as searched: under [search.space], \"train.batch\" = [32, 64] "
    "is a list to choose from, {uniform = [low, width]} and {loguniform = [low, high]} are ranges "
    "of numbers, {randint = [low, high]} is one of whole numbers, high left out. [[search.space]], "
    "several times, is one of several spaces.",
    "With [[model.layer]] the net is one's own (`tailor help layers`), model.name is \"custom\", "
    "and "
    "the options of its layers are searched and set by their paths, layers counted from 0: "
    "model.layer.1.filters, model.layer.5.body.0.filters."};

struct Table {
  const char* name;  // "" = before the first table
  const char* what;
};
constexpr Table kTables[] = {{"", "the experiment as a whole"},
                             {"data", "what is trained on"},
                             {"image", "what the net sees of a picture"},
                             {"model", "the net"},
                             {"train", "every training"},
                             {"augment", "how training images are changed each time they are seen"},
                             {"first", "the first model, drawn at random from the space"},
                             {"search", "the search"},
                             {"final", "the final model"},
                             {"report", "the pages"}};

std::string_view table_of(std::string_view path) {
  const std::size_t dot = path.find('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

std::string text_of(const Field& field, std::size_t columns) {
  constexpr std::size_t kIndent = 30;
  const std::string text =
      fmt::format("{}; {} [{}]", field.help, allowed_text(field), to_toml(field));
  return fmt::format("  {:<26}  {}\n", field.path, wrapped(text, columns, kIndent));
}

bool begins_with_one_of(const std::string& path, const std::vector<std::string>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const std::string& beginning) { return path.starts_with(beginning); });
}

}  // namespace

std::string options_text(const std::vector<std::string>& beginnings, std::size_t columns) {
  Experiment defaults;
  const FieldList fields = fields_of(defaults);
  std::string out;
  for (const Table& table : kTables) {
    std::string rows;
    for (const Field& field : fields) {
      if (table_of(field.path) != table.name || !begins_with_one_of(field.path, beginnings))
        continue;
      rows += text_of(field, columns);
    }
    if (rows.empty()) continue;
    if (*table.name != '\0') out += fmt::format("[{}], {}\n", table.name, table.what);
    out += rows;
  }
  return out;
}

std::string all_options_text(std::size_t columns) {
  std::string out = "The options of an experiment (defaults in brackets)\n";
  for (const std::string_view paragraph : kAboutOptions) {
    out += "\n" + wrapped(paragraph, columns, 0) + "\n";
  }
  return out + "\nA search may vary [model], but for its name, [train] and [augment].\n\n" +
         options_text({""}, columns);
}

std::string option_text(const std::string& path, std::size_t columns) {
  Experiment defaults;
  const FieldList fields = fields_of(defaults);
  const Field* field = find_field(fields, path);
  if (field == nullptr) return "";
  return text_of(*field, columns) + (is_searchable(path) ? "  A search may vary it.\n" : "");
}

std::string options_markdown() {
  std::string out =
      "# Options of an experiment\n\nMade by `tailor help experiment --markdown` from the "
      "program's own lists; a test fails where the\ntwo differ.\n";
  for (const std::string_view paragraph : kAboutOptions) {
    out += "\n" + wrapped(paragraph, 100, 0) + "\n";
  }
  Experiment defaults;
  const FieldList fields = fields_of(defaults);
  for (const Table& table : kTables) {
    out += *table.name == '\0' ? fmt::format("\n## Before the first table: {}\n", table.what)
                               : fmt::format("\n## [{}]: {}\n", table.name, table.what);
    out += "\n| path | takes | default | searched | what it is |\n|---|---|---|---|---|\n";
    for (const Field& field : fields) {
      if (table_of(field.path) != table.name) continue;
      out += fmt::format("| `{}` | {} | `{}` | {} | {} |\n", field.path, allowed_text(field),
                         to_toml(field), is_searchable(field.path) ? "yes" : "no", field.help);
    }
  }
  return out;
}

}  // namespace tailor::internal
