// tailor doctor: what this CPU and this install can do.
#include <fmt/format.h>
#include <png.h>
#include <sqlite3.h>
#include <zlib.h>

#include <CLI/Version.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/cli/dispatch.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/version.hpp"
#include "tailor/mpi/world.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {
namespace {

struct Finding {
  std::string what;
  std::string found;
};

std::vector<Finding> libraries(const CpuInfo& cpu) {
  return {{"convolutions", cpu.library},
          {"zlib", zlibVersion()},
          {"libpng", PNG_LIBPNG_VER_STRING},
          {"SQLite", sqlite3_libversion()},
          {"MPI", mpi_version().empty() ? "none: tailor train runs on one process" : mpi_version()},
          {"nlohmann-json", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR,
                                        NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)},
          {"CLI11", CLI11_VERSION},
          {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
                              FMT_VERSION % 100)},
          {"compiler", __VERSION__}};
}

// The data set in one phrase, or why it cannot be read.
Finding look_at_data(const std::string& dir, bool& found) {
  try {
    const DataIdentity identity = identify(dir);
    found = true;
    return {dir, identity.release.empty() ? "found" : identity.release};
  } catch (const Error& error) {
    found = false;
    return {dir, error.what()};
  }
}

// The table in force, by the digits its hash begins with.
std::string choices_in_words(const KernelChoices& choices) {
  if (!choices.file.empty()) {
    return fmt::format("{} ({})", choices.file.string(), choices.origin.substr(0, 12));
  }
  return choices.origin == "default" ? "default: ours wherever they fit"
                                     : "the library's everywhere (TAILOR_KERNELS)";
}

ExitStatus run_doctor(const std::string& dir, Context& context) {
  const CpuInfo cpu = cpu_info();
  const std::string automatic = to_string(parse_precision("auto"));
  bool data_found = false;
  const Finding data = look_at_data(dir, data_found);
  std::string text = fmt::format(
      "tailor     {}\nCPU        {}\n           {}\ncores      {} to use; Tailor's "
      "threads are its own, OMP_* variables change nothing\n",
      version(), cpu.name, cpu.vector_isa, cpu.cores);
  const KernelChoices& choices = machine_kernel_choices();
  text += fmt::format("kernels    {}\n", to_string(cpu.target));
  text += fmt::format("table      {}\n", choices_in_words(choices));
  text += fmt::format("precision  auto = {} ({}; int8 with VNNI: {})\n", automatic,
                      !cpu.native_bf16 ? "this CPU does not multiply bf16"
                      : cpu.bf16_pays  ? "bf16 is faster here"
                                       : "this CPU multiplies bf16, but no faster",
                      cpu.vnni ? "yes" : "no");
  text += fmt::format("data       {}: {}\n\n", data.what, data.found);
  Json versions = Json::object();
  for (const Finding& library : libraries(cpu)) {
    text += fmt::format("{:<14} {}\n", library.what, library.found);
    versions[library.what] = library.found;
  }
  context.console.print(text);
  context.console.result({{"version", version()},
                          {"cpu", cpu.name},
                          {"isa", cpu.vector_isa},
                          {"cores", cpu.cores},
                          {"lanes", cpu.lanes},
                          {"target", to_string(cpu.target)},
                          {"native_bf16", cpu.native_bf16},
                          {"bf16_pays", cpu.bf16_pays},
                          {"vnni", cpu.vnni},
                          {"kernels", {{"table", choices.origin}, {"file", choices.file.string()}}},
                          {"precision", automatic},
                          {"data", {{"dir", dir}, {"found", data_found}, {"says", data.found}}},
                          {"libraries", versions}});
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_doctor(Options& options) {
  auto dir = std::make_shared<std::string>(DataOptions{}.dir);
  options.add({{"--data", dir.get(), "DIR", "data set to look for"}});
  options.examples = {{"tailor doctor", "CPU, precision, kernels, data and libraries at a glance"},
                      {"tailor doctor --json", "the same for a program"}};
  options.files = "Reads the data. Writes nothing.";
  return [dir](Context& context) { return run_doctor(*dir, context); };
}

}  // namespace tailor::internal
