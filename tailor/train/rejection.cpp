#include "tailor/train/rejection.hpp"

#include <algorithm>
#include <functional>

namespace tailor::internal {
namespace {

struct Answer {
  float probability = 0;
  bool right = false;
};

// The surest first.
std::vector<Answer> sorted_answers(std::span<const float> probabilities,
                                   std::span<const Label> labels, int classes) {
  std::vector<Answer> answers;
  const auto width = std::size_t(classes);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = probabilities.subspan(i * width, width);
    const auto best = std::ranges::max_element(row);
    answers.push_back({*best, std::size_t(best - row.begin()) == labels[i]});
  }
  std::ranges::stable_sort(answers, std::greater(), &Answer::probability);
  return answers;
}

}  // namespace

CoverageCurve coverage_curve(std::span<const float> probabilities, std::span<const Label> labels,
                             int classes) {
  check_predictions(probabilities, labels, classes);
  CoverageCurve curve;
  Answered now;
  for (const Answer& answer : sorted_answers(probabilities, labels, classes)) {
    const bool as_sure = !curve.empty() && curve.back().threshold == answer.probability;
    now = {answer.probability, now.answers + 1, now.right + answer.right};
    if (as_sure) {
      curve.back() = now;
    } else {
      curve.push_back(now);
    }
  }
  return curve;
}

Rejection choose_rejection(const CoverageCurve& curve, double wanted) {
  Rejection chosen;
  chosen.wanted = wanted;
  chosen.images = curve.empty() ? 0 : curve.back().answers;
  for (const Answered& answered : curve) {
    if (answered.answers < kFewestAnswers || answered.precision() < wanted) continue;
    chosen.below = answered.threshold;
    chosen.chosen = answered;
  }
  return chosen;
}

bool is_unsure(const Rejection& rejection, std::span<const float> row) {
  return rejection.below && *std::ranges::max_element(row) < *rejection.below;
}

}  // namespace tailor::internal
