// What the launchers of MPI tell the processes they start.
#pragma once

#include <cstdlib>

namespace tailor::internal {

// Open MPI's mpirun; MPICH's, Intel's and Slurm's PMI; PMIx.
inline bool started_by_launcher() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_NAMESPACE"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

}  // namespace tailor::internal
