// What training and evaluation leave behind: plain records, read by the report and the command
// line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tailor/core/json.hpp"
#include "tailor/core/label.hpp"

namespace tailor::internal {

struct EpochRecord {
  int epoch = 0;  // from 1
  double loss =
      0;  // mean over the epoch's batches as they were trained, penalty included (Keras's loss)
  double cross_entropy = 0;  // the same without penalty
  double accuracy = 0;       // running accuracy over the epoch, dropout on (Keras's accuracy)
  std::optional<double>
      watched_loss;  // on the set it was given to watch, after the epoch, dropout off
  std::optional<double> watched_accuracy;
  double learning_rate = 0;  // of the epoch's last step
  double images_per_second = 0;
  double seconds = 0;
};

struct ClassScores {  // as scikit-learn's classification_report, zero_division = 0
  std::string name;
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  std::int64_t support = 0;
};

struct Evaluation {
  double accuracy = 0;
  double loss = 0;  // mean cross-entropy, without penalty; probabilities clipped to [eps, 1 - eps]
                    // of f32, as scikit-learn's log_loss
  double top2 = 0;  // share whose true class is among the two most probable
  double balanced_accuracy = 0;  // mean recall of the classes that occur, as scikit-learn's
  double interval_low = 0;       // Wilson score interval, 95 %
  double interval_high = 0;
  std::vector<std::vector<std::int64_t>> confusion;  // [true][predicted]
  std::vector<ClassScores> per_class;
  ClassScores macro;  // name "macro avg"
  std::int64_t images = 0;
};

// `probabilities`: n x classes; ties go to the lower class, as argmax does. Averages run over
// the classes that occur or are predicted, as scikit-learn's do; the others keep their row of
// zeros. Throws bad_input for no images, sizes that do not fit and labels beyond the classes.
Evaluation evaluate_predictions(std::span<const float> probabilities, std::span<const Label> labels,
                                const std::vector<std::string>& class_names);

// What a search ranks by: accuracy, balanced_accuracy or f1_macro, scikit-learn's names.
double score_of(const Evaluation& evaluation, const std::string& scoring);

// Throws bad_input as evaluate_predictions does, and for a probability that is none: negative,
// infinite or not a number.
void check_predictions(std::span<const float> probabilities, std::span<const Label> labels,
                       int classes);

// One bin of a reliability diagram: images whose most probable class got a probability in (low,
// high].
struct ReliabilityBin {
  double low = 0;
  double high = 0;
  std::int64_t images = 0;
  double confidence = 0;  // mean probability of the most probable class
  double accuracy = 0;    // share of them right
};

// How far probabilities can be taken at their word.
struct Reliability {
  double ece = 0;    // expected calibration error: sum of images/all * |accuracy - confidence|
  double nll = 0;    // mean cross-entropy (Evaluation::loss)
  double brier = 0;  // mean squared distance to the one-hot truth, summed over the classes
  double accuracy = 0;
  std::vector<ReliabilityBin> bins;  // 15 of equal width (Guo et al. 2017)
};

// Temperature scaling (Guo et al. 2017): logits / temperature.
struct Temperature {
  double value = 1;
  std::int64_t images = 0;  // it was fitted on; the model never trained on them
  // Why it is 1 all the same: the images said no more than "as sure as can be" or "as unsure". Else
  // "".
  std::string kept = "";
};

// The answers that are at least as sure as a threshold.
struct Answered {
  float threshold = 0;       // for the probability of the most probable class
  std::int64_t answers = 0;  // of so many images
  std::int64_t right = 0;
  double precision() const { return answers > 0 ? double(right) / double(answers) : 0; }
};

// For every probability that a most probable class has, falling, the answers that are at least as
// sure: the last entry is all of them.
using CoverageCurve = std::vector<Answered>;

// Of a curve, the answers that are at least as sure as `below`.
Answered answers_from(const CoverageCurve& curve, float below);

// The surest `share` of all answers, and those that are as sure as the least of them.
Answered surest_answers(const CoverageCurve& curve, double share);

// Fewer answers say nothing about how often such answers are right: 50 that are all right still
// leave a true share of 93 % possible (Wilson's interval).
inline constexpr std::int64_t kFewestAnswers = 50;

// Which answers a model keeps to itself (final.reject_precision), and by what that was chosen.
struct Rejection {
  double wanted = 0;                // share of the answers that is to be right; 0 = nobody asked
  std::optional<float> below = {};  // what is less sure is no answer; none where none will do
  std::int64_t images = 0;          // it was chosen on; the model never trained on them
  std::string chosen_on = "";       // which images these are, in words
  Answered chosen = {};             // of these images
};

// In words: the threshold and what it costs, or that there is none and why. `rejection` was asked
// for.
std::string rejection_text(const Rejection& rejection);

// An image whose label is probably wrong (Northcutt et al. 2021, "Confident learning").
struct LabelSuspect {
  std::uint32_t row = 0;  // of the labelled set
  int given = 0;
  int guess = 0;  // the most probable other class
  double given_probability = 0;
  double guess_probability = 0;
  bool flagged = false;  // among those that the estimated noise rates account for
};

// Wilson score interval for `hits` of `n` at 95 % (Wilson, "Probable inference, the law of
// succession, and statistical inference", 1927); [0, 1] for n = 0.
std::pair<double, double> wilson_interval(std::int64_t hits, std::int64_t n);

// DESIGN's key names: {accuracy, loss, top2, accuracy_interval, confusion, per_class, macro_avg,
// images}.
Json to_json(const ClassScores& scores);
Json to_json(const Evaluation& evaluation);

// history.csv: header and one row per epoch; the time columns are the last two. Reads back exactly:
// shortest round-trip decimals, empty cells for what was not watched. Parsing throws bad_input that
// names `source`, line and column for what no training writes: epochs that do not count 1, 2, 3,
// shares beyond 0 and 1, numbers that are negative or none.
std::string history_csv(const std::vector<EpochRecord>& history);
std::vector<EpochRecord> parse_history_csv(std::string_view text, const std::string& source);

// Of a model that was trained: one epoch at least.
std::vector<EpochRecord> read_history(const std::filesystem::path& path);

}  // namespace tailor::internal
