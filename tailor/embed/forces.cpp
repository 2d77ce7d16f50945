#include "tailor/embed/force_table.hpp"
#include "tailor/embed/tsne_attraction.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor {

#if defined(TAILOR_X86_TARGETS)
namespace avx2 {
extern const ForceTable kForces;
}
namespace avx512 {
extern const ForceTable kForces;
}
#endif
namespace baseline {
extern const ForceTable kForces;
}

namespace {

const ForceTable& forces() {
#if defined(TAILOR_X86_TARGETS)
  const Target target = best_target();
  if (target == Target::kAvx2) return avx2::kForces;
  if (target == Target::kAvx512 || target == Target::kAvx512Bf16) return avx512::kForces;
#endif
  return baseline::kForces;
}

}  // namespace

void attract(const Affinities& affinities, std::span<const float> coordinates, int dimensions,
             int threads, std::span<float> force) {
  forces().attract(affinities, coordinates, dimensions, threads, force);
}

double stretch(const Affinities& affinities, std::span<const float> coordinates, int dimensions,
               int threads) {
  return forces().stretch(affinities, coordinates, dimensions, threads);
}

std::unique_ptr<Repulsion> exact_repulsion(int dimensions, int threads) {
  return forces().exact_repulsion(dimensions, threads);
}

std::unique_ptr<Repulsion> grid_repulsion(int threads) {
  return forces().grid_repulsion(threads);
}

std::unique_ptr<Repulsion> tree_repulsion(int threads) {
  return forces().tree_repulsion(threads);
}

}  // namespace tailor
