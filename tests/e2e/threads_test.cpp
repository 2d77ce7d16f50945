// A training whose workers are stopped one by one, anywhere, and sent from core to core: it ends as
// if nobody had.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <random>

#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

// Our own kernels, and the library's in parts of the batch.
constexpr const char* kExperiment = R"(
name = "stress"
threads = 3
[train]
batch = 48
[model]
name = "custom"
[[model.layer]]
type = "rescaling"
[[model.layer]]
type = "conv2d"
filters = 16
padding = "same"
activation = "relu"
[[model.layer]]
type = "conv2d"
filters = 16
kernel_size = [5, 5]
activation = "relu"
[[model.layer]]
type = "batch_normalization"
[[model.layer]]
type = "flatten"
[[model.layer]]
type = "dense"
units = 4
)";

// What the library has kernels for, and we have none or fewer: windows of 5, 2 and 1, strides.
constexpr const char* kLibraryExperiment = R"(
name = "library"
threads = 2
[train]
batch = 48
epochs = 2
[model]
name = "custom"
[[model.layer]]
type = "rescaling"
[[model.layer]]
type = "conv2d"
filters = 16
kernel_size = [5, 5]
padding = "same"
activation = "relu"
[[model.layer]]
type = "conv2d"
filters = 16
kernel_size = [2, 2]
[[model.layer]]
type = "conv2d"
filters = 16
strides = [2, 2]
padding = "same"
activation = "relu"
[[model.layer]]
type = "conv2d"
filters = 24
kernel_size = [1, 1]
[[model.layer]]
type = "flatten"
[[model.layer]]
type = "dense"
units = 4
)";

std::vector<pid_t> threads_of(pid_t process) {
  std::vector<pid_t> threads;
  std::error_code gone;
  for (fs::directory_iterator at("/proc/" + std::to_string(process) + "/task", gone), end;
       !gone && at != end; at.increment(gone)) {
    threads.push_back(pid_t(std::stoi(at->path().filename().string())));
  }
  return threads;
}

enum class Stop { kDone, kGone, kForbidden };

// Stops one thread for so long and lets it go on; the others run meanwhile.
Stop stop_thread(pid_t thread, int microseconds) {
  if (ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) != 0) {
    return errno == EPERM ? Stop::kForbidden : Stop::kGone;
  }
  if (ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) != 0) return Stop::kGone;
  int status = 0;
  if (waitpid(thread, &status, __WALL) != thread || !WIFSTOPPED(status)) return Stop::kGone;
  usleep(useconds_t(microseconds));
  ptrace(PTRACE_DETACH, thread, nullptr, nullptr);
  return Stop::kDone;
}

TEST(Threads, MayBeStoppedAndMovedWhileTheyWork) {
  const OwnFolder folder;
  fs::create_directories(folder / "data");
  write_small_data(folder / "data");
  write_file_atomic(folder / "stress.toml", std::string(kExperiment));
  const auto words = [&](const std::string& out) {
    return std::vector<std::string>{"train",  (folder / "stress.toml").string(),
                                    "--data", (folder / "data").string(),
                                    "--set",  "train.epochs=40",
                                    "--out",  (folder / out).string()};
  };
  const Finished alone = run_tailor(words("alone"));
  ASSERT_EQ(alone.status, 0) << alone.err;

  Process process(words("stopped"));
  std::mt19937 draw(1);
  int stops = 0;
  while (!process.ended_within(0.0005)) {
    const std::vector<pid_t> threads = threads_of(process.id());
    if (threads.empty()) continue;
    const pid_t thread = threads[draw() % threads.size()];
    cpu_set_t cores;
    CPU_ZERO(&cores);
    for (unsigned core = 0; core < 64; ++core) {
      if (draw() % 2 == 0) CPU_SET(core, &cores);
    }
    sched_setaffinity(thread, sizeof cores, &cores);  // those that the machine has; none is refused
    // The first thread's end is the process's, and this waiting would take it from `process`.
    if (thread == process.id()) continue;
    const Stop stop = stop_thread(thread, int(draw() % 8000));
    if (stop == Stop::kForbidden) GTEST_SKIP() << "this system lets nobody stop single threads";
    stops += stop == Stop::kDone;
  }
  const Finished finished = process.wait();
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_GT(stops, 20);
  EXPECT_EQ(read_text(folder / "stopped/model.safetensors"),
            read_text(folder / "alone/model.safetensors"));
}

// Workers are our own team, whatever OpenMP grants or forbids its own.
TEST(Threads, TrainToTheSameBytesWhateverOpenMpIsToldTo) {
  const OwnFolder folder;
  fs::create_directories(folder / "data");
  write_small_data(folder / "data");
  write_file_atomic(folder / "library.toml", std::string(kLibraryExperiment));
  int runs = 0;
  const auto model_with = [&](std::vector<std::string> told) {
    told.insert(told.begin(), "env");
    const fs::path out = folder / std::to_string(runs++);
    Process process({"train", (folder / "library.toml").string(), "--data",
                     (folder / "data").string(), "--threads", "2", "--out", out.string()},
                    told);
    if (!process.ended_within(240)) ADD_FAILURE() << told.back() << " never ends";
    const Finished finished = process.wait();
    EXPECT_EQ(finished.status, 0) << finished.err;
    return read_text(out / "model.safetensors");
  };
  for (const char* kernels : {"TAILOR_KERNELS=default", "TAILOR_KERNELS=library"}) {
    const std::string alone = model_with({kernels});
    for (const char* told : {"OMP_DYNAMIC=true", "OMP_THREAD_LIMIT=1", "OMP_NUM_THREADS=1",
                             "OMP_NUM_THREADS=7", "OMP_PROC_BIND=true"}) {
      EXPECT_EQ(model_with({kernels, told}), alone) << kernels << " " << told;
    }
  }
}

TEST(Threads, AreAsManyWhateverOpenMpIsToldTo) {
  const auto cores = [](const std::vector<std::string>& launcher) {
    return Json::parse(run_tailor({"doctor", "--json"}, launcher).out).at("cores");
  };
  const Json alone = cores({});
  for (const char* told : {"OMP_PROC_BIND=true", "GOMP_CPU_AFFINITY=0", "OMP_THREAD_LIMIT=1",
                           "OMP_DYNAMIC=true", "OMP_NUM_THREADS=1"}) {
    EXPECT_EQ(cores({"env", told}), alone) << told;
  }
}

}  // namespace
}  // namespace tailor::internal::e2e
