#include "tailor/mpi/world.hpp"

#include <mpi.h>
#include <sched.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "tailor/core/clock.hpp"
#include "tailor/mpi/launcher.hpp"

namespace tailor::internal {

namespace {

constexpr double kPatience = 2;  // seconds for all to fail over the same file

// Every rank's affinity, of those on this machine.
std::vector<cpu_set_t> affinities_here(const cpu_set_t& mine) {
  MPI_Comm here;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
  int ranks = 1;
  MPI_Comm_size(here, &ranks);
  std::vector<cpu_set_t> all{std::size_t(ranks)};
  MPI_Allgather(&mine, sizeof(mine), MPI_BYTE, all.data(), sizeof(mine), MPI_BYTE, here);
  MPI_Comm_free(&here);
  return all;
}

// mpirun binds a rank to a core of its own, or several to one socket, or none at all: a core that
// three ranks may use counts a third for each.
double measure_core_share() {
  cpu_set_t mine;
  CPU_ZERO(&mine);
  sched_getaffinity(0, sizeof(mine), &mine);
  const std::vector<cpu_set_t> all = affinities_here(mine);
  double share = 0;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &mine)) continue;
    int users = 0;
    for (const cpu_set_t& set : all) users += CPU_ISSET(core, &set) ? 1 : 0;
    share += 1.0 / users;
  }
  return share > 0 ? share / CPU_COUNT(&mine) : 1;
}

class MpiWorld : public World {
 public:
  MpiWorld() {
    // Open MPI's sums in the background: a ring, each rank adding up its part, where it would have
    // one rank add up all of it (on 2 ranks of one machine 0.42 ms a step instead of 0.66). Told
    // through the environment, where a person's own choice stands.
    setenv("OMPI_MCA_coll_libnbc_iallreduce_algorithm", "1", 0);
    int provided = 0;  // the threads of a team never call MPI
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
    MPI_Comm_dup(MPI_COMM_WORLD, &failed_);
    core_share_ = measure_core_share();
  }
  ~MpiWorld() override { MPI_Finalize(); }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  double core_share() const override { return core_share_; }

  void sum(std::span<double> values) override {
    MPI_Allreduce(MPI_IN_PLACE, values.data(), int(values.size()), MPI_DOUBLE, MPI_SUM,
                  MPI_COMM_WORLD);
  }

  void start_sum(std::span<float> values) override {
    MPI_Request& request = running_.emplace_back();
    MPI_Iallreduce(MPI_IN_PLACE, values.data(), int(values.size()), MPI_FLOAT, MPI_SUM,
                   MPI_COMM_WORLD, &request);
  }

  // The library moves data only while one of its functions runs.
  void progress() override {
    int done = 0;
    if (!running_.empty()) {
      MPI_Testall(int(running_.size()), running_.data(), &done, MPI_STATUSES_IGNORE);
    }
    if (done != 0) running_.clear();
  }

  void wait() override {
    MPI_Waitall(int(running_.size()), running_.data(), MPI_STATUSES_IGNORE);
    running_.clear();
  }

  // On a communicator of its own: who has not failed may be in the middle of a sum.
  bool all_failed() override {
    MPI_Request arrival;
    MPI_Ibarrier(failed_, &arrival);
    int all = 0;
    for (const Stopwatch watch; all == 0 && watch.seconds() < kPatience;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      MPI_Test(&arrival, &all, MPI_STATUS_IGNORE);
    }
    all_failed_ = all != 0;
    return all_failed_;
  }

  void end_others(int status) override {
    if (!all_failed_) MPI_Abort(MPI_COMM_WORLD, status);
  }

 private:
  int rank_ = 0;
  int size_ = 1;
  double core_share_ = 1;
  MPI_Comm failed_ = MPI_COMM_NULL;
  bool all_failed_ = false;
  std::vector<MPI_Request> running_;
};

}  // namespace

std::unique_ptr<World> join_world() {
  if (!started_by_launcher()) return nullptr;
  return std::make_unique<MpiWorld>();
}

// The library's own first words: "Open MPI v4.1.4, package: ...".
std::string mpi_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  const std::string all(text.data(), std::size_t(length));
  return all.substr(0, all.find_first_of(",\n"));
}

}  // namespace tailor::internal
