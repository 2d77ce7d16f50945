#include "tailor/embed/target_code.hpp"

#include "tailor/core/target/begin.hpp"

namespace tailor::internal::TAILOR_TARGET {

void attract(const Affinities&, std::span<const float>, int, Team&, std::span<float>);
double stretch(const Affinities&, std::span<const float>, int, Team&);
std::unique_ptr<Repulsion> exact_repulsion(int, Team&);
std::unique_ptr<Repulsion> grid_repulsion(Team&);
std::unique_ptr<Repulsion> tree_repulsion(Team&);
Eigenpairs symmetric_eigenpairs(const std::vector<double>&, int);

extern const EmbedCode kEmbedCode;
constinit const EmbedCode kEmbedCode = {attract,        stretch,        exact_repulsion,
                                        grid_repulsion, tree_repulsion, symmetric_eigenpairs};

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
