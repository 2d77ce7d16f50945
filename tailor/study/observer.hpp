// What a front-end may hear of a study while it runs, and how it stops it. The terminal is one
// front-end (cli/observe.hpp), a test or a program of somebody else's another. Everything may be
// left empty.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "tailor/core/stop.hpp"
#include "tailor/embed/tsne/tsne.hpp"
#include "tailor/search/study.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {

using OnStudyProgress = std::function<void(const StudyProgress&)>;

struct Observer {
  // One line each: what is going on, and what somebody should know.
  std::function<void(std::string_view line)> note, warn;
  // What is worked on from here on, in a few words, where that may take long.
  std::function<void(std::string_view what)> working;
  // Whether a stop is waited for: true before work that looks at `stop` and saves what it has,
  // false where nothing is lost if the program ends at once.
  std::function<void(bool)> saves;
  // Asked once before a training, a search or a map that is called so ("first model", "map of raw
  // pixels"). What they return is called from the thread that works, of a search under a lock, and
  // is destroyed when the work is over; its `stop` is set by whoever asks.
  std::function<FitHooks(const std::string& what)> training;
  std::function<OnStudyProgress(const std::string& what, int folds)> searching;
  std::function<TsneHooks(const std::string& what)> mapping;
  const StopFlag* stop = nullptr;

  void say(std::string_view line) const;
  void caution(std::string_view line) const;
  void work_on(std::string_view what) const;
  void save_when_stopped(bool wanted) const;
  bool stopped() const { return stop != nullptr && stop->requested(); }
  FitHooks hooks_for_training(const std::string& what) const;
  TsneHooks hooks_for_mapping(const std::string& what) const;
  OnStudyProgress hook_for_searching(const std::string& what, int folds) const;
};

}  // namespace tailor::internal
