// The `tailor` program: the table of its commands, and what Ctrl-C means.
#include <memory>

#include "tailor/cli/command.hpp"
#include "tailor/cli/dispatch.hpp"
#include "tailor/cli/last_words.hpp"
#include "tailor/core/descriptor.hpp"
#include "tailor/core/error.hpp"
#include "tailor/mpi/world.hpp"

namespace tailor::internal {
namespace {

std::vector<Command> commands() {
  return {
      {Group::kMake, "run",
       "first model, search, final model, report; safe to interrupt and run again", declare_run,
       Needs::kKernels},
      {Group::kMake, "train", "train one model; on several processes under mpirun", declare_train,
       Needs::kKernelsAndPeers},
      {Group::kMake, "search", "search hyperparameters by cross-validation on the training set",
       declare_search, Needs::kKernels},
      {Group::kUse, "evaluate", "measure a trained model on a data set", declare_evaluate,
       Needs::kKernels},
      {Group::kUse, "predict", "say what is on images", declare_predict, Needs::kKernels},
      {Group::kMake, "quantize", "let a trained model predict in int8, if that costs no accuracy",
       declare_quantize, Needs::kKernels},
      {Group::kMake, "new", "look at a set of images and write an experiment that fits it",
       declare_new},
      {Group::kUse, "show", "print a net as a table, or as layers to start from", declare_show},
      {Group::kUse, "report", "write a run's HTML page again, or compare several runs on one",
       declare_report},
      {Group::kData, "data info", "count images and classes, name the release", declare_data_info},
      {Group::kData, "data split", "which images are trained on and which tested on",
       declare_data_split},
      {Group::kData, "data cache", "make images ready ahead, show or delete what is kept of them",
       declare_data_cache},
      {Group::kData, "data sprite", "draw images of every class into one PNG", declare_data_sprite},
      {Group::kData, "data folds", "print the stratified folds of a training set",
       declare_data_folds},
      {Group::kData, "data show", "draw images on the terminal", declare_data_show},
      {Group::kData, "data embed",
       "map the images with t-SNE: explorer page, animation, coordinates", declare_data_embed,
       Needs::kKernels},
      {Group::kData, "data check", "find duplicates, odd images and labels worth a look",
       declare_data_check},
      {Group::kMeasure, "bench peak", "measure what this machine can do at most",
       declare_bench_peak},
      {Group::kMeasure, "bench ops", "measure every operation that matters, phase by phase",
       declare_bench_ops, Needs::kKernels},
      {Group::kMeasure, "bench train", "measure training and where its time goes",
       declare_bench_train, Needs::kKernels},
      {Group::kMeasure, "bench scale", "measure training on one thread, on two, and so on",
       declare_bench_scale, Needs::kKernels},
      {Group::kMeasure, "bench infer", "measure inference and its latency", declare_bench_infer,
       Needs::kKernels},
      {Group::kMeasure, "bench tune",
       "measure whose kernels are faster here, and write the table that says so",
       declare_bench_tune},
      {Group::kMeasure, "doctor", "say what this CPU and this install can do", declare_doctor,
       Needs::kKernels},
  };
}

// The only state a signal handler can reach. Everybody else is handed a reference.
Interruption interruption;

extern "C" void interrupt(int) {
  interruption.happen();
}

// Under mpirun a rank that failed ends the others, which would wait for it for ever.
int run(const Typed& typed) {
  const std::unique_ptr<World> world = join_world();
  Alone alone;
  Peers& peers = world ? static_cast<Peers&>(*world) : alone;
  const ExitStatus status = dispatch(commands(), typed, interruption, peers);
  const bool failed = status != ExitStatus::kDone && status != ExitStatus::kInterrupted;
  if (failed && world) world->end_others(static_cast<int>(status));
  return static_cast<int>(status);
}

}  // namespace
}  // namespace tailor::internal

int main(int argc, char** argv) {
  using namespace tailor::internal;
  open_standard_descriptors();
  listen_for_signals(interrupt);
  try {
    return run(typed(argc, argv));
  } catch (const tailor::Error& error) {  // of several ranks in a build without MPI
    Console(false).error(error.what());
    return static_cast<int>(ExitStatus::kFailed);
  } catch (...) {
    return last_words();
  }
}
