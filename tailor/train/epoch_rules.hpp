// What decides between epochs: when to stop, which epoch was the best, when the learning rate
// drops. Keras's EarlyStopping and ReduceLROnPlateau (keras/src/callbacks), as functions of the
// epochs so far, so that a training that goes on decides as one that never stopped.
#pragma once

#include <span>
#include <string>

#include "tailor/train/options.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal {

using Epochs = std::span<const EpochRecord>;

// "val_loss" or "val_accuracy": of images that are kept out, which there must be.
bool needs_validation(const std::string& monitor);
bool watches(const TrainOptions& options);  // any rule needs them, and none are cut off

// True where the last of these epochs is the last there shall be.
bool stops_early(const EarlyStopping& rule, Epochs history);

// The index of the best of them; -1 where the rule does not look or has not begun to.
int best_epoch(const EarlyStopping& rule, Epochs history);

// What becomes of the learning rate after these epochs.
double rate_after_plateaus(const Plateau& rule, double learning_rate, Epochs history);

}  // namespace tailor::internal
