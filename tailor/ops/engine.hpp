// The machine as a context that is passed, never fetched: how many threads, which precision pays,
// the library's stream.
#pragma once

#include <memory>
#include <string>

#include "tailor/core/peers.hpp"
#include "tailor/core/team/team.hpp"

namespace tailor::internal {

enum class Precision {
  kF32,
  kBf16,
  kInt8,  // of inference plans, where the parameters hold ranges (nn/params.hpp)
};

std::string to_string(Precision precision);          // "f32", "bf16", "int8"
Precision parse_precision(const std::string& text);  // also "auto": the machine's table, or what
                                                     // pays on this CPU; throws bad_input

// Whose: ours wherever they fit, or the library's (ops/kernel_choices.hpp).
enum class Kernels { kOwn, kLibrary };

std::string to_string(Kernels kernels);  // "own", "library"

// What our own kernels are compiled for (core/target/begin.hpp).
enum class Target { kBaseline, kAvx2, kAvx512, kAvx512Bf16 };

std::string to_string(Target target);  // "baseline", "AVX2", "AVX-512", "AVX-512 with bfloat16"
Target best_target();  // that this CPU runs, within what the library was told to use

struct CpuInfo {
  std::string name;        // "AMD EPYC 9V74 80-Core Processor"
  std::string vector_isa;  // the library's words: "AVX-512 with bfloat16"
  std::string library;     // "oneDNN 2.6.3"
  int cores = 1;           // usable by this process (affinity and cgroup quota)
  bool native_bf16 = false;
  bool bf16_pays = false;  // see docs/decisions.md: which CPUs gain from it
  bool vnni = false;       // multiplies bytes without saturating sums: int8 is offered
  Target target = Target::kBaseline;
  int lanes = 16;  // floats in the vector unit's widest register = channel block
};

CpuInfo cpu_info();

struct KernelChoices;

// Belongs to the thread that makes it; plans made on it run on that thread and its team. Two trials
// side by side are two threads with an Engine each. From then on these threads treat denormal
// numbers as zero.
class Engine {
 public:
  // 0 threads = all usable cores, shared with the peers on this machine. What is trained or
  // predicted on an engine with `peers` (which must outlive it) is done by all of them together.
  // `choices` (which must as well): instead of the machine's.
  explicit Engine(int threads, Peers* peers = nullptr, const KernelChoices* choices = nullptr);
  ~Engine();
  Engine(const Engine&) = delete;

  int threads() const { return team_->threads(); }
  Team& team() const { return *team_; }
  // For an operation that takes about this long on one thread: waking the others costs 2 us.
  int threads_for(double microseconds) const { return microseconds < 4 ? 1 : threads(); }
  int lanes() const { return lanes_; }
  Target target() const { return target_; }
  Peers& peers() { return *peers_; }
  const KernelChoices& choices() const;  // whose kernels the plans made on it take

  struct Library;  // the convolution library's engine and stream, seen by ops/ only
  Library& library() { return *library_; }

  // Makes the calling thread one that may work on this engine, as the one that made it is:
  // denormals are zero on it, and the library uses no thread but it.
  static void enter();

 private:
  int lanes_;
  Target target_;
  Alone alone_;
  Peers* peers_;
  const KernelChoices* choices_;
  std::unique_ptr<Library> library_;
  std::unique_ptr<Team> team_;
};

}  // namespace tailor::internal
