#include "tailor/measure/training_work.hpp"

namespace tailor::internal {
namespace {

FitJob job_of(const BenchSetup& setup) {
  FitJob job{.spec = setup.spec,
             .options = setup.train,
             .seed = setup.seed,
             .precision = setup.precision,
             .train = all_rows(setup.set),
             .watch = {}};
  job.train.indices.resize(job.train.size() - job.train.size() % std::size_t(setup.train.batch));
  return job;
}

}  // namespace

TrainingWork::TrainingWork(const BenchSetup& setup, Engine& engine)
    : job_(job_of(setup)),
      state_(start_training(job_.spec, job_.options, job_.seed)),
      step_(job_, engine, state_) {
  step_.begin_epoch();
}

void TrainingWork::operator()() {
  step_.run();
  state_.step = (state_.step + 1) % step_.steps();
}

std::size_t TrainingWork::bytes() const {
  std::size_t sum = step_.plan_bytes() + step_.gradient_bytes() + state_.params.weights.bytes() +
                    state_.params.state.bytes();
  for (const Buffer& moment : state_.optimizer.moments()) sum += moment.bytes();
  return sum;
}

}  // namespace tailor::internal
