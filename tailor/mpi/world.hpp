// The ranks that `mpirun -n N tailor ...` started, as Peers. The only folder that knows MPI, and an
// option of the build: without it, without_mpi.cpp stands in for world.cpp.
#pragma once

#include <memory>
#include <string>

#include "tailor/core/peers.hpp"

namespace tailor::internal {

// MPI is initialised while one exists. Made once per process, used by the thread that made it.
class World : public Peers {
 public:
  // For a rank that failed: ends the others at once with this exit status, where they did not.
  virtual void end_others(int status) = 0;
};

// Null where this process was not started by mpirun (or another launcher of MPI): then nothing of
// MPI runs. Its destructor waits for all ranks, so that none ends, and has
// the launcher end the others, while one still writes. Throws failure for one of several ranks in
// a build without MPI: they would all write the same files.
std::unique_ptr<World> join_world();

// "Open MPI 4.1.4", or "" in a build without it.
std::string mpi_version();

}  // namespace tailor::internal
