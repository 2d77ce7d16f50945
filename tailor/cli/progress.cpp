#include "tailor/cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kRedraw = std::chrono::milliseconds(100);  // on a terminal
constexpr auto kRepeat = std::chrono::seconds(4);         // plain lines; reminders come at five
constexpr int kBarWidth = 24;

std::string bar(double share) {
  const int full = int(std::lround(share * kBarWidth));
  return std::string(std::size_t(full), '#') + std::string(std::size_t(kBarWidth - full), '.');
}

std::string time_left(double seconds) {
  return seconds > 0 ? fmt::format("  {} left", duration_text(seconds)) : "";
}

}  // namespace

void Progress::update(const ProgressLine& line) {
  const auto now = Clock::now();
  const bool terminal = console_.terminal();
  if (now - last_ < (terminal ? Clock::duration(kRedraw) : Clock::duration(kRepeat))) return;
  last_ = now;
  const double share = std::clamp(line.share, 0.0, 1.0);
  const std::string plain = fmt::format("{}: {:.0f}%{}  {}", line.label, 100 * share,
                                        time_left(line.seconds_left), line.detail);
  if (terminal) {
    console_.draw(fmt::format("{} [{}] {:3.0f}%{}  {}", line.label, bar(share), 100 * share,
                              time_left(line.seconds_left), line.detail));
  } else {
    console_.note(plain);
  }
  console_.busy(plain, began_);
}

void Progress::milestone(const std::string& line) {
  console_.note(line);
  last_ = Clock::now();
}

FitHooks show_training(std::shared_ptr<Progress> progress, const std::string& label) {
  auto epochs = std::make_shared<int>(0);  // on_epoch is not told
  FitHooks hooks;
  hooks.on_step = [progress, label, epochs](const StepProgress& step) {
    *epochs = step.epochs;
    const double done = double(step.epoch - 1) + double(step.step) / double(step.steps);
    progress->update({.label = label,
                      .share = done / step.epochs,
                      .detail = fmt::format(
                          "epoch {}/{}  loss {:.4f}  accuracy {:.4f}  {} images/s", step.epoch,
                          step.epochs, step.loss, step.accuracy, grouped(step.images_per_second)),
                      .seconds_left = step.seconds_left});
  };
  hooks.on_epoch = [progress, label, epochs](const TrainingState& state) {
    const EpochRecord& record = state.history.back();
    std::string line = fmt::format("{}: epoch {}/{}  loss {:.4f}  accuracy {:.4f}", label,
                                   record.epoch, *epochs, record.loss, record.accuracy);
    if (record.watched_accuracy) {
      line += fmt::format("  watched accuracy {:.4f}", *record.watched_accuracy);
    }
    progress->milestone(line + fmt::format("  {} images/s  {:.1f} s",
                                           grouped(record.images_per_second), record.seconds));
  };
  return hooks;
}

OnStudyProgress show_search(std::shared_ptr<Progress> progress, const std::string& label,
                            int folds) {
  return [progress, label, folds](const StudyProgress& study) {
    if (!study.last.error.empty()) {
      const FailedFit fit = {study.last.candidate, study.last.fold, study.last.error};
      progress->milestone(
          fmt::format("{}: a training failed: {}", label, printable(to_text(fit, folds))));
    }
    std::string detail = fmt::format("{}/{} trainings", study.done, study.total);
    if (study.last.candidate >= 0) {
      detail += fmt::format("  candidate {} fold {}/{}: {:.4f}", study.last.candidate + 1,
                            study.last.fold + 1, folds, study.last.test_score);
    }
    if (study.best_candidate >= 0) {
      detail += fmt::format("  best so far {:.4f} (candidate {})", study.best_mean,
                            study.best_candidate + 1);
    }
    progress->update({.label = label,
                      .share = study.total > 0 ? double(study.done) / study.total : 0,
                      .detail = detail,
                      .seconds_left = study.seconds_left});
  };
}

TsneHooks show_map(std::shared_ptr<Progress> progress, const std::string& label) {
  TsneHooks hooks;
  hooks.on_step = [progress, label](const TsneProgress& now) {
    progress->update({.label = label,
                      .share = double(now.step) / now.steps,
                      .detail = fmt::format("step {}/{}  KL {:.3f}", now.step, now.steps, now.kl)});
  };
  return hooks;
}

}  // namespace tailor::internal
