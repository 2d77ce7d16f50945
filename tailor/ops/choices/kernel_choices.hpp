// Whose kernels an operation runs on, ours or the library's, and which precision "auto" means. The
// rule is in the code: ours wherever they fit. A table of exceptions that were measured on one
// machine (`tailor bench tune`) may say otherwise, operation by operation:
//
//      format = 1
//      cpu = "AMD EPYC 9V74 80-Core Processor"
//      isa = "AVX-512 with bfloat16"
//      library = "oneDNN 2.6.3"
//      precision = "bf16"
//
//      [kernels]
//      "conv 3x3 32->64 @14x14 pool bf16" = "library"
//
// It holds for that CPU, ISA and library version only: measured elsewhere it says nothing, and
// equal machines are to choose equally.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "tailor/ops/op.hpp"

namespace tailor::internal {

struct KernelChoices {
  std::string origin = "default";  // of provenance: "default" (the rule), "library" (its kernels
                                   // everywhere), or the SHA-256 of the table in force
  std::filesystem::path file;      // the table in force
  std::string warning;             // why one that was found is not
  std::optional<Precision> precision;  // that "auto" means; the rule's where there is none
  Kernels otherwise = Kernels::kOwn;
  std::map<std::string, Kernels> operations;  // by operation_key()

  Kernels of(const std::string& operation) const;
};

// "conv 3x3/2 32->64 @28x28 bf16": window, stride, channels in and out, rows and columns read.
// " to 12x12" is what comes out where that is not "same" padding's, " pool" the 2x2 max pooling
// behind (c.pools), whoever does it. A ReLU and the number of images change no choice.
std::string operation_key(const ConvConfig& c, const Shape& src, Precision precision);
// "dense 64->128 @7x7 f32"; without rows and columns where there is one of each.
std::string operation_key(const DenseConfig& c, const Shape& src, Precision precision);

// A table made on another machine gives the rule and a warning. Throws bad_input ("FILE:LINE: ...")
// for what is no table.
KernelChoices parse_kernel_choices(const std::string& toml, const std::filesystem::path& file,
                                   const CpuInfo& cpu);
// The table of these operations and this precision, as that CPU's.
std::string to_toml(const KernelChoices& choices, const CpuInfo& cpu);

// `wanted`: "default", "library" or a table's path, which must exist; "": `local`, where that
// exists. Throws bad_input.
KernelChoices find_kernel_choices(const std::string& wanted, const std::filesystem::path& local,
                                  const CpuInfo& cpu);

// $XDG_CONFIG_HOME/tailor/kernels.toml or ~/.config/tailor/kernels.toml; "" without a home.
std::filesystem::path local_kernel_table();

// As $TAILOR_KERNELS wants it: a fact about the machine, as cpu_info() is, read at the first call.
// Throws bad_input.
const KernelChoices& machine_kernel_choices();

}  // namespace tailor::internal
