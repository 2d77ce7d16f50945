#include "tailor/embed/force_table.hpp"

#include "tailor/core/target_begin.hpp"

namespace tailor::TAILOR_TARGET {

void attract(const Affinities&, std::span<const float>, int, int, std::span<float>);
double stretch(const Affinities&, std::span<const float>, int, int);
std::unique_ptr<Repulsion> exact_repulsion(int, int);
std::unique_ptr<Repulsion> grid_repulsion(int);
std::unique_ptr<Repulsion> tree_repulsion(int);

extern const ForceTable kForces;
constinit const ForceTable kForces = {attract, stretch, exact_repulsion, grid_repulsion,
                                      tree_repulsion};

}  // namespace tailor::TAILOR_TARGET

#include "tailor/core/target_end.hpp"
