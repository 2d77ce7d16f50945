#include "tailor/ops/choices/kernel_choices.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/ops/makers.hpp"

namespace tailor::internal {

namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// "3x3", "3x3/2", "3x3/2x1".
std::string window(const ConvConfig& c) {
  const std::string size = fmt::format("{}x{}", c.kernel_h, c.kernel_w);
  if (c.stride_h == 1 && c.stride_w == 1) return size;
  return c.stride_h == c.stride_w ? fmt::format("{}/{}", size, c.stride_h)
                                  : fmt::format("{}/{}x{}", size, c.stride_h, c.stride_w);
}

// Of two paddings that give equal sizes, none is faster.
bool is_same(const Shape& out, const ConvConfig& c, const Shape& src) {
  const auto positions = [](int size, int stride) { return (size + stride - 1) / stride; };
  return out.height == positions(src.height, c.stride_h) &&
         out.width == positions(src.width, c.stride_w);
}

}  // namespace

std::string to_string(Kernels kernels) {
  return kernels == Kernels::kOwn ? "own" : "library";
}

Kernels KernelChoices::of(const std::string& operation) const {
  const auto found = operations.find(operation);
  return found == operations.end() ? otherwise : found->second;
}

std::string operation_key(const ConvConfig& c, const Shape& src, Precision precision) {
  const Shape out = unpooled_shape(c, src);
  return fmt::format("conv {} {}->{} @{}x{}{}{} {}", window(c), src.channels, c.filters, src.height,
                     src.width,
                     is_same(out, c, src) ? "" : fmt::format(" to {}x{}", out.height, out.width),
                     c.pools ? " pool" : "", to_string(precision));
}

std::string operation_key(const DenseConfig& c, const Shape& src, Precision precision) {
  const bool plane = src.height > 1 || src.width > 1;
  return fmt::format("dense {}->{}{} {}", src.channels, c.units,
                     plane ? fmt::format(" @{}x{}", src.height, src.width) : "",
                     to_string(precision));
}

KernelChoices find_kernel_choices(const std::string& wanted, const fs::path& local,
                                  const CpuInfo& cpu) {
  if (wanted == "default") return {};
  if (wanted == "library") {
    KernelChoices choices;
    choices.origin = wanted;
    choices.otherwise = Kernels::kLibrary;
    return choices;
  }
  // A home that is not this user's, as in many containers, has no table for this user.
  if (wanted.empty() && (local.empty() || ::access(local.c_str(), R_OK) != 0)) return {};
  if (!wanted.empty() && !is_file(wanted)) {
    throw bad_input(fmt::format(
        "TAILOR_KERNELS takes default, library or a file of tailor bench tune, and there is no {}",
        wanted));
  }
  const fs::path file = wanted.empty() ? local : fs::path(wanted);
  return parse_kernel_choices(read_text(file), file, cpu);
}

// A relative $XDG_CONFIG_HOME is to be ignored, says its specification.
fs::path local_kernel_table() {
  fs::path folder = environment("XDG_CONFIG_HOME");
  const std::string home = environment("HOME");
  if (!folder.is_absolute() && home.empty()) return {};
  if (!folder.is_absolute()) folder = fs::path(home) / ".config";
  return folder / "tailor" / "kernels.toml";
}

const KernelChoices& machine_kernel_choices() {
  static const KernelChoices choices =
      find_kernel_choices(environment("TAILOR_KERNELS"), local_kernel_table(), cpu_info());
  return choices;
}

}  // namespace tailor::internal
