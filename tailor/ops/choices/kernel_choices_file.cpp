// KernelChoices <-> TOML.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/toml.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"

namespace tailor::internal {

namespace {

constexpr int kFormat = 1;
constexpr const char* kAdvice = "; tailor bench tune writes a table of kernels";

// Takes a text apart from the left; by hand: <regex> takes 3 s of compiler time.
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

  KernelChoices read(const TomlNode& root, const CpuInfo& cpu) {
    check_format(root);
    KernelChoices choices;
    const std::string made_on = text(root, "cpu"), isa = text(root, "isa"),
                      library = text(root, "library");
    for (const auto& [key, node] : *root.table()) {
      if (key == "precision") {
        choices.precision = precision(node);
      } else if (key == "kernels") {
        read_operations(node, choices);
      } else if (key != "format" && key != "cpu" && key != "isa" && key != "library") {
        fail(node, "unknown key " + key);
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
  [[noreturn]] void fail(const TomlNode& node, const std::string& message) const {
    throw bad_input(fmt::format("{}:{}: {}{}", source_, node.line, message, kAdvice));
  }

  void check_format(const TomlNode& root) const {
    const TomlNode* format = root.find("format");
    if (format == nullptr) fail(root, "format = 1 is missing");
    if (format->integer() == nullptr || *format->integer() != kFormat) {
      fail(*format, fmt::format("format must be {}, the one this version knows", kFormat));
    }
  }

  std::string text(const TomlNode& root, const std::string& key) const {
    const TomlNode* node = root.find(key);
    if (node == nullptr) fail(root, key + " is missing");
    if (node->text() == nullptr) fail(*node, key + " must be text");
    return *node->text();
  }

  Precision precision(const TomlNode& node) const {
    const std::string* name = node.text();
    if (name != nullptr && *name == "f32") return Precision::kF32;
    if (name != nullptr && *name == "bf16") return Precision::kBf16;
    fail(node, "precision must be \"f32\" or \"bf16\"");
  }

  void read_operations(const TomlNode& node, KernelChoices& choices) const {
    if (node.table() == nullptr) fail(node, "kernels must be a table");
    for (const auto& [operation, choice] : *node.table()) {
      if (!is_operation(operation)) {
        fail(choice, fmt::format("'{}' is no operation such as \"conv 3x3 32->64 @14x14 bf16\"",
                                 operation));
      }
      const std::string* whose = choice.text();
      if (whose == nullptr || (*whose != "own" && *whose != "library")) {
        fail(choice, fmt::format("{} must be \"own\" or \"library\"", operation));
      }
      choices.operations[operation] = *whose == "own" ? Kernels::kOwn : Kernels::kLibrary;
    }
  }

  void check_possible(const TomlNode& root, const KernelChoices& choices,
                      const CpuInfo& cpu) const {
    if (choices.precision != Precision::kBf16 || cpu.native_bf16) return;
    fail(*root.find("precision"), "precision is bf16, which this CPU does not multiply natively");
  }

  std::string source_;
};

TomlNode parsed(const std::string& toml, const std::string& source) {
  try {
    return parse_toml(toml, source);
  } catch (const Error& error) {
    throw bad_input(error.what() + std::string(kAdvice));
  }
}

}  // namespace

KernelChoices parse_kernel_choices(const std::string& toml, const std::filesystem::path& file,
                                   const CpuInfo& cpu) {
  KernelChoices choices = Reader(file.string()).read(parsed(toml, file.string()), cpu);
  if (!choices.warning.empty()) return choices;
  choices.file = file;
  choices.origin = sha256_hex({reinterpret_cast<const std::uint8_t*>(toml.data()), toml.size()});
  return choices;
}

std::string to_toml(const KernelChoices& choices, const CpuInfo& cpu) {
  std::string out = fmt::format(
      "# Where this machine is faster otherwise than by Tailor's rule, measured by tailor bench "
      "tune.\nformat = {}\ncpu = {}\nisa = {}\nlibrary = {}\n",
      kFormat, toml_text(cpu.name), toml_text(cpu.vector_isa), toml_text(cpu.library));
  if (choices.precision) {
    out += fmt::format("precision = {}\n", toml_text(to_string(*choices.precision)));
  }
  out += "\n[kernels]\n";
  for (const auto& [operation, kernels] : choices.operations) {
    out += fmt::format("{} = {}\n", toml_text(operation), toml_text(to_string(kernels)));
  }
  return out;
}

}  // namespace tailor::internal
