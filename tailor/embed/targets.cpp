#include "tailor/embed/target_code.hpp"
#include "tailor/embed/tsne/tsne_attraction.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {

#if defined(TAILOR_X86_TARGETS)
namespace avx2 {
extern const EmbedCode kEmbedCode;
}
namespace avx512 {
extern const EmbedCode kEmbedCode;
}
#endif
namespace baseline {
extern const EmbedCode kEmbedCode;
}

namespace {

const EmbedCode& code() {
#if defined(TAILOR_X86_TARGETS)
  const Target target = best_target();
  if (target == Target::kAvx2) return avx2::kEmbedCode;
  if (target == Target::kAvx512 || target == Target::kAvx512Bf16) return avx512::kEmbedCode;
#endif
  return baseline::kEmbedCode;
}

}  // namespace

void attract(const Affinities& affinities, std::span<const float> coordinates, int dimensions,
             int threads, std::span<float> force) {
  code().attract(affinities, coordinates, dimensions, threads, force);
}

double stretch(const Affinities& affinities, std::span<const float> coordinates, int dimensions,
               int threads) {
  return code().stretch(affinities, coordinates, dimensions, threads);
}

std::unique_ptr<Repulsion> exact_repulsion(int dimensions, int threads) {
  return code().exact_repulsion(dimensions, threads);
}

std::unique_ptr<Repulsion> grid_repulsion(int threads) {
  return code().grid_repulsion(threads);
}

std::unique_ptr<Repulsion> tree_repulsion(int threads) {
  return code().tree_repulsion(threads);
}

Eigenpairs symmetric_eigenpairs(const std::vector<double>& matrix, int size) {
  return code().symmetric_eigenpairs(matrix, size);
}

}  // namespace tailor::internal
