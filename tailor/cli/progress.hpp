// What a person sees while something runs long: a bar with ETA on a terminal, now and then a plain
// line elsewhere.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "tailor/cli/console.hpp"
#include "tailor/search/study.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor {

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
  std::chrono::steady_clock::time_point last_ = {};
};

// Hooks that show a training under `label`. The caller adds its own on_epoch and stop to them.
FitHooks show_training(Progress& progress, const std::string& label);

// For StudyJob::on_progress: trial, fold, best so far, ETA.
std::function<void(const StudyProgress&)> show_search(Progress& progress, int folds);

// "4.2 s", "42 s", "3 min 20 s", "1 h 5 min".
std::string duration_text(double seconds);

// A count or a speed, not negative: 60000 -> "60,000".
std::string grouped(double number);

}  // namespace tailor
