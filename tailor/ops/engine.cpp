#include "tailor/ops/engine.hpp"

#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <fstream>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "tailor/core/error.hpp"
#include "tailor/core/team/cores.hpp"
#include "tailor/core/text.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"
#include "tailor/ops/library/onednn.hpp"

namespace tailor::internal {

namespace {

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown CPU";
}

// Every ISA's bits contain those of the ones before it.
bool includes(dnnl::cpu_isa isa, dnnl::cpu_isa part) {
  return (unsigned(isa) & unsigned(part)) == unsigned(part);
}

std::string isa_name(dnnl::cpu_isa isa) {
  if (includes(isa, dnnl::cpu_isa::avx512_core_amx)) return "AMX";
  if (includes(isa, dnnl::cpu_isa::avx512_core_bf16)) return "AVX-512 with bfloat16";
  if (includes(isa, dnnl::cpu_isa::avx512_core_vnni)) return "AVX-512 with VNNI";
  if (includes(isa, dnnl::cpu_isa::avx512_core)) return "AVX-512";
  if (includes(isa, dnnl::cpu_isa::avx2)) return "AVX2";
  if (includes(isa, dnnl::cpu_isa::avx)) return "AVX";
  if (includes(isa, dnnl::cpu_isa::sse41)) return "SSE4.1";
  return "other";
}

bool is_amd() {
#if defined(__x86_64__)
  return __builtin_cpu_is("amd");
#else
  return false;
#endif
}

// Weights that a penalty pulls to zero, and their moments, end as denormals, and each one costs a
// CPU some hundred cycles: after ten epochs of the seed net with 48 kernels a step took 1.8 times
// as long. As zeros they cost nothing.
void flush_denormals() {
#if defined(__SSE2__)
  _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
  _MM_SET_DENORMALS_ZERO_MODE(_MM_DENORMALS_ZERO_ON);
#elif defined(__aarch64__)
  std::uint64_t control = 0;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  asm volatile("msr fpcr, %0" : : "r"(control | std::uint64_t(1) << 24));  // both, as above
#endif
}

}  // namespace

std::string to_string(Precision precision) {
  if (precision == Precision::kInt8) return "int8";
  return precision == Precision::kF32 ? "f32" : "bf16";
}

Precision parse_precision(const std::string& text) {
  const CpuInfo cpu = cpu_info();
  if (text == "f32") return Precision::kF32;
  if (text == "auto") {
    const Precision rule = cpu.bf16_pays ? Precision::kBf16 : Precision::kF32;
    return machine_kernel_choices().precision.value_or(rule);
  }
  if (text == "int8") {
    throw bad_input(
        "precision int8 is for predictions of a model that tailor quantize has written");
  }
  if (text != "bf16") {
    throw bad_input("precision must be auto, bf16 or f32, not '" + excerpt(text) + "'");
  }
  if (!cpu.native_bf16) {
    throw bad_input("precision bf16 needs a CPU that multiplies bf16 natively, and this one (" +
                    cpu.name + ") does not; use --precision f32");
  }
  return Precision::kBf16;
}

std::string to_string(Target target) {
  switch (target) {
    case Target::kAvx2:
      return "AVX2";
    case Target::kAvx512:
      return "AVX-512";
    case Target::kAvx512Bf16:
      return "AVX-512 with bfloat16";
    default:
      return "baseline";
  }
}

// The library and the compiler ask the CPU for slightly different sets, so both have to agree.
Target best_target() {
#if defined(TAILOR_X86_TARGETS)
  const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
  if (includes(isa, dnnl::cpu_isa::avx512_core)) {
    if (!__builtin_cpu_supports("x86-64-v4")) return Target::kBaseline;
    const bool bf16 = includes(isa, dnnl::cpu_isa::avx512_core_bf16);
    return bf16 && __builtin_cpu_supports("avx512bf16") ? Target::kAvx512Bf16 : Target::kAvx512;
  }
  if (includes(isa, dnnl::cpu_isa::avx2) && __builtin_cpu_supports("x86-64-v3")) {
    return Target::kAvx2;
  }
#endif
  return Target::kBaseline;
}

CpuInfo cpu_info() {
  CpuInfo info;
  info.name = cpu_name();
  const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
  info.vector_isa = isa_name(isa);
  const dnnl_version_t* v = dnnl_version();
  info.library = "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
                 std::to_string(v->patch);
  info.cores = usable_cores();
  info.target = best_target();
#if defined(TAILOR_X86_TARGETS)
  // A target has kernels for its own vectors only (simd.hpp), whatever the library would know.
  info.native_bf16 = info.target == Target::kAvx512Bf16;
  info.lanes = info.native_bf16 || info.target == Target::kAvx512 ? 16 : 8;
#else
  info.native_bf16 = includes(isa, dnnl::cpu_isa::avx512_core_bf16);
  info.lanes = includes(isa, dnnl::cpu_isa::avx512_core) ? 16 : 8;
#endif
  // Measured (docs/decisions.md): Zen 4 multiplies bf16 at twice the f32 rate; Intel's AVX-512 unit
  // at half of it, where a bf16 training step takes 1.5 times as long as an f32 one. AMX is no
  // reason either: ours do not use it, and the library's kernels for it do not take our layout.
  info.bf16_pays = info.native_bf16 && is_amd();
  info.vnni = includes(isa, dnnl::cpu_isa::avx512_core_vnni);
  return info;
}

namespace {

int threads_of(int wanted, const CpuInfo& cpu, const Peers& peers) {
  if (wanted < 0 || wanted > 1024) throw bad_input("threads must be from 0 (all cores) to 1024");
  return wanted > 0 ? wanted : std::max(1, int(cpu.cores * peers.core_share() + 1e-6));
}

template <typename Library>
std::unique_ptr<Library> open_library() {
  try {
    return std::make_unique<Library>();
  } catch (const dnnl::error&) {  // all that it can lack here
    throw std::bad_alloc();
  }
}

}  // namespace

Engine::Engine(int threads, Peers* peers, const KernelChoices* choices)
    : peers_(peers != nullptr ? peers : &alone_),
      choices_(choices),
      library_(open_library<Library>()) {
  const CpuInfo cpu = cpu_info();
  team_ = std::make_unique<Team>(threads_of(threads, cpu, *peers_), &Engine::enter);
  lanes_ = cpu.lanes;
  target_ = cpu.target;
  enter();
}

// The library takes OpenMP's count for the calling thread. Its own teams would meet, spinning,
// after every operation, and what it sums would depend on how many they are.
void Engine::enter() {
  omp_set_num_threads(1);
  flush_denormals();
}

Engine::~Engine() = default;

const KernelChoices& Engine::choices() const {
  return choices_ != nullptr ? *choices_ : machine_kernel_choices();
}

}  // namespace tailor::internal
