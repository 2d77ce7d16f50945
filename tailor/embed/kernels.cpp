#include "tailor/embed/kernel_table.hpp"
#include "tailor/embed/tsne/tsne_attraction.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {

#if defined(TAILOR_X86_TARGETS)
namespace avx2 {
extern const EmbedKernels kEmbedKernels;
}
namespace avx512 {
extern const EmbedKernels kEmbedKernels;
}
#endif
namespace baseline {
extern const EmbedKernels kEmbedKernels;
}

namespace {

const EmbedKernels& kernels() {
#if defined(TAILOR_X86_TARGETS)
  const Target target = best_target();
  if (target == Target::kAvx2) return avx2::kEmbedKernels;
  if (target == Target::kAvx512 || target == Target::kAvx512Bf16) return avx512::kEmbedKernels;
#endif
  return baseline::kEmbedKernels;
}

}  // namespace

void attract(const Affinities& affinities, std::span<const float> coordinates, int dimensions,
             int threads, std::span<float> force) {
  kernels().attract(affinities, coordinates, dimensions, threads, force);
}

double stretch(const Affinities& affinities, std::span<const float> coordinates, int dimensions,
               int threads) {
  return kernels().stretch(affinities, coordinates, dimensions, threads);
}

std::unique_ptr<Repulsion> exact_repulsion(int dimensions, int threads) {
  return kernels().exact_repulsion(dimensions, threads);
}

std::unique_ptr<Repulsion> grid_repulsion(int threads) {
  return kernels().grid_repulsion(threads);
}

std::unique_ptr<Repulsion> tree_repulsion(int threads) {
  return kernels().tree_repulsion(threads);
}

Eigenpairs symmetric_eigenpairs(const std::vector<double>& matrix, int size) {
  return kernels().symmetric_eigenpairs(matrix, size);
}

}  // namespace tailor::internal
