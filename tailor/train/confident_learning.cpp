#include "tailor/train/confident_learning.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <optional>
#include <tuple>

namespace tailor::internal {
namespace {

// A probability within this of a threshold, or of the label's, counts as equal, as in cleanlab.
constexpr double kSlack = 1e-6;

using Counts = std::vector<std::vector<std::int64_t>>;  // [given class][class it seems to be]

// The predictions and labels of one set, row by row.
struct Predictions {
  std::span<const float> probabilities;
  std::span<const Label> labels;
  std::size_t classes;

  double of(std::size_t row, std::size_t c) const { return probabilities[row * classes + c]; }
  std::size_t most_probable(std::size_t row) const {
    const auto begin = probabilities.begin() + std::ptrdiff_t(row * classes);
    return std::size_t(std::max_element(begin, begin + std::ptrdiff_t(classes)) - begin);
  }
  // The most probable class but the label's.
  std::size_t best_other(std::size_t row) const {
    std::size_t best = labels[row] == 0 ? 1 : 0;
    for (std::size_t c = best + 1; c < classes; ++c) {
      if (c != labels[row] && of(row, c) > of(row, best)) best = c;
    }
    return best;
  }
};

std::vector<std::int64_t> class_sizes(const Predictions& predictions) {
  std::vector<std::int64_t> sizes(predictions.classes);
  for (const Label label : predictions.labels) ++sizes[label];
  return sizes;
}

// The mean probability of each class among the images labelled so; out of reach without any.
std::vector<double> thresholds(const Predictions& predictions,
                               const std::vector<std::int64_t>& sizes) {
  constexpr double kOutOfReach = 2;
  std::vector<double> means(predictions.classes);
  for (std::size_t row = 0; row < predictions.labels.size(); ++row) {
    means[predictions.labels[row]] += predictions.of(row, predictions.labels[row]);
  }
  for (std::size_t c = 0; c < means.size(); ++c) {
    means[c] = sizes[c] == 0 ? kOutOfReach : std::max(means[c] / double(sizes[c]), 2 * kSlack);
  }
  return means;
}

// The class that an image seems to be: the one whose threshold it reaches, of several the most
// probable class of all; none where it reaches no threshold.
std::optional<std::size_t> confident_class(const Predictions& predictions, std::size_t row,
                                           const std::vector<double>& threshold) {
  std::optional<std::size_t> found;
  for (std::size_t c = 0; c < predictions.classes; ++c) {
    if (predictions.of(row, c) < threshold[c] - kSlack) continue;
    if (found.has_value()) return predictions.most_probable(row);
    found = c;
  }
  return found;
}

Counts confident_joint(const Predictions& predictions, const std::vector<std::int64_t>& sizes) {
  Counts joint(predictions.classes, std::vector<std::int64_t>(predictions.classes));
  const std::vector<double> threshold = thresholds(predictions, sizes);
  for (std::size_t row = 0; row < predictions.labels.size(); ++row) {
    const auto seems = confident_class(predictions, row, threshold);
    if (seems.has_value()) ++joint[predictions.labels[row]][*seems];
  }
  for (std::size_t c = 0; c < joint.size(); ++c)
    joint[c][c] = std::max<std::int64_t>(joint[c][c], 1);
  return joint;
}

// Whole numbers near `values` that add up to `total`: the ones whose rounding was worst give way.
// Of equally bad ones (common: small counts repeat) the last gain and the first lose, as in
// cleanlab.
std::vector<std::int64_t> rounded_to_total(const std::vector<double>& values, std::int64_t total) {
  std::vector<std::int64_t> whole;
  for (const double value : values) whole.push_back(std::int64_t(std::nearbyint(value)));
  const std::int64_t missing = total - std::accumulate(whole.begin(), whole.end(), std::int64_t{0});
  const int step = missing < 0 ? -1 : 1;
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (step > 0) std::reverse(order.begin(), order.end());
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return step * (values[a] - double(whole[a])) > step * (values[b] - double(whole[b]));
  });
  for (std::size_t i = 0; i < std::size_t(std::abs(missing)); ++i) whole[order[i]] += step;
  return whole;
}

// Each row scaled to its class's size; every class that occurs keeps one right label at least.
Counts scaled_to_sizes(const Counts& joint, const std::vector<std::int64_t>& sizes) {
  Counts scaled;
  for (std::size_t given = 0; given < joint.size(); ++given) {
    const double sum =
        double(std::accumulate(joint[given].begin(), joint[given].end(), std::int64_t{0}));
    std::vector<double> shares;
    for (const std::int64_t count : joint[given]) {
      shares.push_back(double(count) / sum * double(sizes[given]));
    }
    std::vector<std::int64_t> row = rounded_to_total(shares, sizes[given]);
    if (sizes[given] > 0 && row[given] == 0) {
      --*std::max_element(row.begin(), row.end());
      row[given] = 1;
    }
    scaled.push_back(std::move(row));
  }
  return scaled;
}

// Sets `flags` for the `count` rows of one class that lean most towards the class `other`.
void flag_most_leaning(const Predictions& predictions, std::vector<std::uint32_t> rows,
                       std::size_t other, std::int64_t count, std::vector<char>& flags) {
  const auto lean = [&](std::uint32_t row) {
    return predictions.of(row, other) - predictions.of(row, predictions.labels[row]);
  };
  const auto end = rows.begin() + std::min(std::ptrdiff_t(rows.size()), std::ptrdiff_t(count));
  std::partial_sort(rows.begin(), end, rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::make_tuple(-lean(a), a) < std::make_tuple(-lean(b), b);
  });
  for (auto row = rows.begin(); row != end; ++row) flags[*row] = 1;
}

// By row: whether it is among those that the estimated noise rates account for.
std::vector<char> pruned_by_noise_rate(const Predictions& predictions) {
  const std::vector<std::int64_t> sizes = class_sizes(predictions);
  const Counts counts = scaled_to_sizes(confident_joint(predictions, sizes), sizes);
  std::vector<std::vector<std::uint32_t>> rows_of(predictions.classes);
  for (std::size_t row = 0; row < predictions.labels.size(); ++row) {
    rows_of[predictions.labels[row]].push_back(std::uint32_t(row));
  }
  std::vector<char> flags(predictions.labels.size());
  for (std::size_t given = 0; given < counts.size(); ++given) {
    for (std::size_t other = 0; other < counts.size(); ++other) {
      if (other == given || counts[given][other] == 0) continue;
      flag_most_leaning(predictions, rows_of[given], other, counts[given][other], flags);
    }
  }
  return flags;
}

}  // namespace

std::vector<LabelSuspect> label_suspects(std::span<const float> probabilities,
                                         std::span<const Label> labels, int classes) {
  check_predictions(probabilities, labels, classes);
  const Predictions predictions{probabilities, labels, std::size_t(classes)};
  std::vector<LabelSuspect> suspects;
  if (classes < 2) return suspects;
  const std::vector<char> flags = pruned_by_noise_rate(predictions);
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const std::size_t guess = predictions.best_other(row);
    const double of_given = predictions.of(row, labels[row]);
    const double of_guess = predictions.of(row, guess);
    if (of_guess <= of_given) continue;
    const bool flagged = flags[row] != 0 && of_guess > of_given + kSlack;
    suspects.push_back(
        {std::uint32_t(row), int(labels[row]), int(guess), of_given, of_guess, flagged});
  }
  std::sort(suspects.begin(), suspects.end(), [](const LabelSuspect& a, const LabelSuspect& b) {
    return std::make_tuple(a.given_probability, -a.guess_probability, a.row) <
           std::make_tuple(b.given_probability, -b.guess_probability, b.row);
  });
  return suspects;
}

JudgeQuality judge_quality(std::span<const float> probabilities, std::span<const Label> labels,
                           int classes) {
  constexpr std::size_t kFewest = 20;
  constexpr double kOutOfReach = 2;
  check_predictions(probabilities, labels, classes);
  const Predictions predictions{probabilities, labels, std::size_t(classes)};
  std::vector<std::pair<double, bool>> guesses;  // how sure, and whether right
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const std::size_t guess = predictions.most_probable(row);
    guesses.emplace_back(predictions.of(row, guess), guess == labels[row]);
  }
  std::sort(guesses.begin(), guesses.end(), std::greater<>());
  JudgeQuality quality{0, kOutOfReach};
  std::size_t right = 0;
  for (std::size_t i = 0; i < guesses.size(); ++i) {
    right += guesses[i].second ? 1 : 0;
    quality.accuracy = double(right) / double(i + 1);
    const bool last = i + 1 == guesses.size();
    const bool ends_a_tie = last || guesses[i + 1].first < guesses[i].first;
    if (ends_a_tie && quality.accuracy >= kTrustedAccuracy && (last || i + 1 >= kFewest)) {
      quality.sure_from = last ? 0 : guesses[i].first;
    }
  }
  return quality;
}

void keep_flags_of_sure(std::vector<LabelSuspect>& suspects, double sure_from) {
  for (LabelSuspect& suspect : suspects) {
    suspect.flagged = suspect.flagged && suspect.guess_probability >= sure_from;
  }
}

}  // namespace tailor::internal
