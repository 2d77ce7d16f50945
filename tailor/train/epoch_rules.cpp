#include "tailor/train/epoch_rules.hpp"

#include <algorithm>
#include <limits>

namespace tailor::internal {
namespace {

bool rises(const std::string& monitor) {
  return monitor == "accuracy" || monitor == "val_accuracy";
}

// NaN, which is better than nothing and worse than all, where it was not measured.
double monitored(const std::string& monitor, const EpochRecord& epoch) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (monitor == "loss") return epoch.loss;
  if (monitor == "accuracy") return epoch.accuracy;
  return (monitor == "val_loss" ? epoch.watched_loss : epoch.watched_accuracy).value_or(kNone);
}

// What EarlyStopping knows after some epochs.
struct Patience {
  double best = 0;
  int best_epoch = -1;
  int waited = 0;
  bool stopped = false;
};

Patience patience_after(const EarlyStopping& rule, Epochs history) {
  Patience now;
  if (rule.monitor == "none") return now;
  for (int epoch = rule.start_from_epoch; epoch < int(history.size()); ++epoch) {
    const double value = monitored(rule.monitor, history[std::size_t(epoch)]);
    ++now.waited;
    const bool better =
        rises(rule.monitor) ? value - rule.min_delta > now.best : value + rule.min_delta < now.best;
    if (now.best_epoch < 0 || better) {
      now.best = value;
      now.best_epoch = epoch;
      now.waited = 0;
    } else if (now.waited >= rule.patience && epoch > 0) {
      now.stopped = true;
      break;
    }
  }
  return now;
}

}  // namespace

bool needs_validation(const std::string& monitor) {
  return monitor.starts_with("val_");
}

bool watches(const TrainOptions& options) {
  return options.validation_split == 0 && (needs_validation(options.early_stopping.monitor) ||
                                           needs_validation(options.plateau.monitor));
}

bool stops_early(const EarlyStopping& rule, Epochs history) {
  return patience_after(rule, history).stopped;
}

int best_epoch(const EarlyStopping& rule, Epochs history) {
  return patience_after(rule, history).best_epoch;
}

double rate_after_plateaus(const Plateau& rule, double learning_rate, Epochs history) {
  if (rule.monitor == "none") return learning_rate;
  constexpr double kFar = std::numeric_limits<double>::infinity();
  double best = rises(rule.monitor) ? -kFar : kFar;
  int waited = 0, cooling = 0;
  for (const EpochRecord& epoch : history) {
    const double value = monitored(rule.monitor, epoch);
    if (cooling > 0) {
      --cooling;
      waited = 0;
    }
    const bool better =
        rises(rule.monitor) ? value > best + rule.min_delta : value < best - rule.min_delta;
    if (better) {
      best = value;
      waited = 0;
    } else if (cooling == 0 && ++waited >= rule.patience && learning_rate > rule.min_rate) {
      learning_rate = std::max(learning_rate * rule.factor, rule.min_rate);
      cooling = rule.cooldown;
      waited = 0;
    }
  }
  return learning_rate;
}

}  // namespace tailor::internal
