// What a person sees while something runs long: a bar with ETA on a terminal, now and then a plain
// line elsewhere.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "tailor/cli/console.hpp"
#include "tailor/study/observer.hpp"

namespace tailor::internal {

struct ProgressLine {
  std::string label;        // "first model", "search"
  double share = 0;         // of the work done, 0 .. 1
  std::string detail;       // "epoch 3/15  loss 0.312  acc 0.889  8,431 images/s"
  double seconds_left = 0;  // 0 = unknown
};

class Progress {
 public:
  explicit Progress(Console& console) : console_(console) {}
  ~Progress() { console_.wipe(); }
  Progress(const Progress&) = delete;

  // As often as the caller likes: drawn ten times a second on a terminal, printed every five
  // seconds elsewhere. Not thread-safe; StudyJob::on_progress already comes under a lock.
  void update(const ProgressLine& line);

  // A line that stays, whatever the terminal: the end of an epoch, of a stage.
  void milestone(const std::string& line);

 private:
  Console& console_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_ = {};
};

// Hooks that show a training, a search (trial, fold, best so far, ETA) or a map in the making under
// `label`. They keep the progress as long as they live.
FitHooks show_training(std::shared_ptr<Progress> progress, const std::string& label);
OnStudyProgress show_search(std::shared_ptr<Progress> progress, const std::string& label,
                            int folds);
TsneHooks show_map(std::shared_ptr<Progress> progress, const std::string& label);

}  // namespace tailor::internal
