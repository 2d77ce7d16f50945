// World in a build without MPI: nobody has company.
#include "tailor/core/error.hpp"
#include "tailor/mpi/launcher.hpp"
#include "tailor/mpi/world.hpp"

namespace tailor::internal {

std::unique_ptr<World> join_world() {
  if (!started_by_launcher()) return nullptr;
  throw failure(
      "started by mpirun, but built without MPI; install libopenmpi-dev, run cmake again and "
      "build");
}

std::string mpi_version() {
  return "";
}

}  // namespace tailor::internal
