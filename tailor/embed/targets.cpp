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
             Team& team, std::span<float> force) {
  code().attract(affinities, coordinates, dimensions, team, force);
}

double stretch(const Affinities& affinities, std::span<const float> coordinates, int dimensions,
               Team& team) {
  return code().stretch(affinities, coordinates, dimensions, team);
}

std::unique_ptr<Repulsion> exact_repulsion(int dimensions, Team& team) {
  return code().exact_repulsion(dimensions, team);
}

std::unique_ptr<Repulsion> grid_repulsion(Team& team) {
  return code().grid_repulsion(team);
}

std::unique_ptr<Repulsion> tree_repulsion(Team& team) {
  return code().tree_repulsion(team);
}

Eigenpairs symmetric_eigenpairs(const std::vector<double>& matrix, int size) {
  return code().symmetric_eigenpairs(matrix, size);
}

}  // namespace tailor::internal
