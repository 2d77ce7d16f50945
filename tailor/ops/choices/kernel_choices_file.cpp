// KernelChoices <-> TOML.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"

namespace tailor::internal {

namespace {

constexpr int kFormat = 1;

// Takes a text apart from the left; by hand: with <regex> this file took 10 s of compiler
// time instead of 7.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool takes(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool takes_number() {
    const std::size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    rest_.remove_prefix(digits);
    return digits > 0;
  }
  // Two numbers with `between` between them.
  bool takes_pair(std::string_view between) {
    return takes_number() && takes(between) && takes_number();
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// "3x3/2 32->64 @14x14 to 7x7 pool" behind "conv ": stride, results' size and pooling may be left
// out.
bool takes_conv(Scanner& key) {
  if (!key.takes_pair("x")) return false;
  if (key.takes("/") && (!key.takes_number() || (key.takes("x") && !key.takes_number()))) {
    return false;
  }
  if (!key.takes(" ") || !key.takes_pair("->") || !key.takes(" @") || !key.takes_pair("x")) {
    return false;
  }
  if (key.takes(" to ") && !key.takes_pair("x")) return false;
  key.takes(" pool");
  return true;
}

// "3136->128 @7x7" behind "dense ".
bool takes_dense(Scanner& key) {
  return key.takes_pair("->") && (!key.takes(" @") || key.takes_pair("x"));
}

// What operation_key() writes, so that a misspelt operation is an error, not a line without effect.
bool is_operation(const std::string& key) {
  Scanner rest(key);
  const bool known =
      rest.takes("conv ") ? takes_conv(rest) : rest.takes("dense ") && takes_dense(rest);
  return known && (rest.takes(" f32") || rest.takes(" bf16")) && rest.at_end();
}

class Reader {
 public:
  explicit Reader(std::string source) : source_(std::move(source)) {}

  KernelChoices read(const toml::table& root, const CpuInfo& cpu) {
    check_format(root);
    KernelChoices choices;
    const std::string made_on = text(root, "cpu"), isa = text(root, "isa"),
                      library = text(root, "library");
    for (const auto& [key, node] : root) {
      if (key == "precision") {
        choices.precision = precision(node);
      } else if (key == "kernels") {
        read_operations(node, choices);
      } else if (key != "format" && key != "cpu" && key != "isa" && key != "library") {
        fail(node, fmt::format("unknown key {}", std::string(key.str())));
      }
    }
    if (made_on == cpu.name && isa == cpu.vector_isa && library == cpu.library) {
      check_possible(root, choices, cpu);
      return choices;
    }
    KernelChoices rule;
    rule.warning = fmt::format(
        "{} is not used: it was measured on {}, {}, {}, and this is {}, {}, {}; tailor bench tune "
        "measures again",
        source_, made_on, isa, library, cpu.name, cpu.vector_isa, cpu.library);
    return rule;
  }

 private:
  [[noreturn]] void fail(const toml::node& node, const std::string& message) const {
    throw bad_input(fmt::format("{}:{}: {}; tailor bench tune writes a table of kernels", source_,
                                node.source().begin.line, message));
  }

  void check_format(const toml::table& root) const {
    const toml::node* format = root.get("format");
    if (format == nullptr) fail(root, "format = 1 is missing");
    if (format->value<std::int64_t>() != kFormat) {
      fail(*format, fmt::format("format must be {}, the one this version knows", kFormat));
    }
  }

  std::string text(const toml::table& root, const std::string& key) const {
    const toml::node* node = root.get(key);
    if (node == nullptr) fail(root, key + " is missing");
    if (!node->is_string()) fail(*node, key + " must be text");
    return node->as_string()->get();
  }

  Precision precision(const toml::node& node) const {
    const auto value = node.is_string() ? node.value<std::string>() : std::nullopt;
    if (value == "f32") return Precision::kF32;
    if (value == "bf16") return Precision::kBf16;
    fail(node, "precision must be \"f32\" or \"bf16\"");
  }

  void read_operations(const toml::node& node, KernelChoices& choices) const {
    const toml::table* table = node.as_table();
    if (table == nullptr) fail(node, "kernels must be a table");
    for (const auto& [key, choice] : *table) {
      const std::string operation(key.str());
      if (!is_operation(operation)) {
        fail(choice, fmt::format("'{}' is no operation such as \"conv 3x3 32->64 @14x14 bf16\"",
                                 operation));
      }
      const auto value = choice.is_string() ? choice.value<std::string>() : std::nullopt;
      if (value != "own" && value != "library") {
        fail(choice, fmt::format("{} must be \"own\" or \"library\"", operation));
      }
      choices.operations[operation] = value == "own" ? Kernels::kOwn : Kernels::kLibrary;
    }
  }

  void check_possible(const toml::table& root, const KernelChoices& choices,
                      const CpuInfo& cpu) const {
    if (choices.precision != Precision::kBf16 || cpu.native_bf16) return;
    fail(*root.get("precision"), "precision is bf16, which this CPU does not multiply natively");
  }

  std::string source_;
};

// JSON's text is a basic string of TOML.
std::string in_quotes(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

KernelChoices parse_kernel_choices(const std::string& toml, const std::filesystem::path& file,
                                   const CpuInfo& cpu) {
  try {
    KernelChoices choices = Reader(file.string()).read(toml::parse(toml, file.string()), cpu);
    if (!choices.warning.empty()) return choices;
    choices.file = file;
    choices.origin = sha256_hex({reinterpret_cast<const std::uint8_t*>(toml.data()), toml.size()});
    return choices;
  } catch (const toml::parse_error& error) {
    throw bad_input(fmt::format("{}:{}: {}; tailor bench tune writes a table of kernels",
                                file.string(), error.source().begin.line, error.description()));
  }
}

std::string to_toml(const KernelChoices& choices, const CpuInfo& cpu) {
  std::string out = fmt::format(
      "# Where this machine is faster otherwise than by Tailor's rule, measured by tailor bench "
      "tune.\nformat = {}\ncpu = {}\nisa = {}\nlibrary = {}\n",
      kFormat, in_quotes(cpu.name), in_quotes(cpu.vector_isa), in_quotes(cpu.library));
  if (choices.precision) {
    out += fmt::format("precision = {}\n", in_quotes(to_string(*choices.precision)));
  }
  out += "\n[kernels]\n";
  for (const auto& [operation, kernels] : choices.operations) {
    out += fmt::format("{} = {}\n", in_quotes(operation), in_quotes(to_string(kernels)));
  }
  return out;
}

}  // namespace tailor::internal
