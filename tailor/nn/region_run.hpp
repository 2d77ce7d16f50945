// Regions on the threads of an engine, and an account of where their time goes.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <vector>

#include "tailor/core/clock.hpp"
#include "tailor/core/team/shares.hpp"
#include "tailor/nn/regions.hpp"
#include "tailor/ops/threads.hpp"

namespace tailor::internal {

class RegionRun {
 public:
  RegionRun(const Engine& engine, std::size_t steps)
      : engine_(engine),
        steps_(steps),
        parts_(std::size_t(engine.threads())),
        seconds_(places() * std::size_t(engine.threads())) {}

  // execute(task, first, last, thread) for all of the region: items of the task's stage.
  template <typename Execute>
  void run(const Region& region, const Execute& execute) {
    const Stopwatch watch;
    if (region.alone) {
      execute(region.parts[0], 0, 1, 0);
      if (profiling_) count_for_all(region.parts[0], watch.seconds());
      return;
    }
    if (engine_.threads() == 1) {
      for (const Task& task : region.parts) run_task(task, execute, task.first, task.last, 0);
      for (const Task& task : region.pieces) run_task(task, execute, 0, kBatchPieces, 0);
      wall_seconds_ += watch.seconds();
      return;
    }
    const int pieces = region.pieces.empty() ? 0 : kBatchPieces;
    pieces_.begin(pieces, 1, engine_.threads());
    begin_parts(region);
    share_out(engine_, region.microseconds, pieces + int(region.parts.size()), 1,
              [&](int first, int last, int thread) {
                for (int i = first; i < last; ++i) run_one(region, execute, thread);
              });
    wall_seconds_ += watch.seconds();
  }

  void profile(bool on);
  // On one thread, in the mean.
  double seconds(int step, OpPhase phase) const;
  double waiting_seconds() const;

 private:
  // A part while there is one, since they are long, and then a piece.
  template <typename Execute>
  void run_one(const Region& region, const Execute& execute, int thread) {
    const int part = take_part(thread);
    int piece = 0;
    int end = 0;
    if (part >= 0) {
      const Task& task = region.parts[std::size_t(part)];
      run_task(task, execute, task.first, task.last, thread);
    } else if (pieces_.take(thread, piece, end)) {
      for (const Task& task : region.pieces) run_task(task, execute, piece, end, thread);
    }
  }

  template <typename Execute>
  void run_task(const Task& task, const Execute& execute, int first, int last, int thread) {
    if (!profiling_) return execute(task, first, last, thread);
    const Stopwatch watch;
    execute(task, first, last, thread);
    seconds_[place(task.step, task.phase, thread)] += watch.seconds();
  }

  std::size_t places() const { return (steps_ + 1) * kOpPhases; }  // kReadImages first
  std::size_t place(int step, OpPhase phase, int thread) const {
    return std::size_t(thread) * places() + std::size_t(step - kReadImages) * kOpPhases +
           std::size_t(phase);
  }
  void begin_parts(const Region& region);
  int take_part(int thread);  // -1 where none is left
  void count_for_all(const Task& task, double seconds);

  const Engine& engine_;
  std::size_t steps_;
  Shares pieces_;
  // Every thread's own parts, as they are left.
  struct alignas(64) Parts {
    std::atomic<int> next = 0;
    int end = 0;
  };
  std::vector<Parts> parts_;
  bool profiling_ = false;
  std::vector<double> seconds_;  // by thread, step and phase
  double wall_seconds_ = 0;
};

}  // namespace tailor::internal
