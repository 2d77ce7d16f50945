#include "tailor/train/records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <tuple>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

constexpr std::string_view kHistoryHeader =
    "epoch,loss,cross_entropy,accuracy,watched_loss,watched_accuracy,learning_rate,"
    "images_per_second,seconds";
constexpr std::size_t kHistoryColumns = 9;

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

void check_sizes(std::span<const float> probabilities, std::span<const Label> labels,
                 std::size_t classes) {
  if (labels.empty()) throw bad_input("there are no images to evaluate; give at least one");
  if (probabilities.size() != labels.size() * classes) {
    throw bad_input(fmt::format("{} probabilities do not make {} images times {} classes",
                                probabilities.size(), labels.size(), classes));
  }
  const std::uint8_t largest = *std::max_element(labels.begin(), labels.end());
  if (largest >= classes) {
    throw bad_input(fmt::format("label {} is beyond the model's {} classes", largest, classes));
  }
}

// How many classes come before `label` when sorted by probability, ties to the lower class.
int rank_of(std::span<const float> row, std::size_t label) {
  int before = 0;
  for (std::size_t c = 0; c < row.size(); ++c) {
    if (row[c] > row[label] || (row[c] == row[label] && c < label)) ++before;
  }
  return before;
}

ClassScores class_scores(const std::string& name, std::int64_t hits, std::int64_t support,
                         std::int64_t predicted) {
  ClassScores scores;
  scores.name = name;
  scores.precision = ratio(double(hits), double(predicted));
  scores.recall = ratio(double(hits), double(support));
  scores.f1 = ratio(2 * double(hits), double(support + predicted));
  scores.support = support;
  return scores;
}

// How many occur or are predicted. The others have scores of 0, which add nothing to a sum.
std::size_t classes_seen(const std::vector<std::vector<std::int64_t>>& confusion) {
  std::size_t seen = 0;
  for (std::size_t c = 0; c < confusion.size(); ++c) {
    std::int64_t images = 0;
    for (std::size_t other = 0; other < confusion.size(); ++other) {
      images += confusion[c][other] + confusion[other][c];
    }
    seen += images > 0;
  }
  return seen;
}

void score_classes(const std::vector<std::string>& class_names, Evaluation& evaluation) {
  const std::size_t classes = class_names.size();
  evaluation.macro.name = "macro avg";
  const auto seen = double(classes_seen(evaluation.confusion));
  double recalls = 0, occur = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    std::int64_t support = 0;
    std::int64_t predicted = 0;
    for (std::size_t other = 0; other < classes; ++other) {
      support += evaluation.confusion[c][other];
      predicted += evaluation.confusion[other][c];
    }
    const ClassScores scores =
        class_scores(class_names[c], evaluation.confusion[c][c], support, predicted);
    evaluation.macro.precision += scores.precision / seen;
    evaluation.macro.recall += scores.recall / seen;
    evaluation.macro.f1 += scores.f1 / seen;
    evaluation.macro.support += support;
    evaluation.per_class.push_back(scores);
    recalls += scores.recall;
    occur += support > 0;
  }
  evaluation.balanced_accuracy = recalls / occur;
}

std::string optional_text(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

// Reads the cells of one row of history.csv from left to right, and takes nothing that cannot be
// drawn or printed.
class HistoryRow {
 public:
  HistoryRow(std::string_view line, std::string place) : place_(std::move(place)), rest_(line) {
    const auto columns = std::size_t(std::ranges::count(line, ',')) + 1;
    if (columns != kHistoryColumns) {
      refuse(fmt::format("{} columns instead of {}", columns, kHistoryColumns));
    }
  }

  int epoch(std::size_t expected) {
    const double value = real(next());
    if (value != double(expected)) refuse(fmt::format("epoch {} is not {}", value, expected));
    return int(expected);
  }
  double loss() { return checked_loss(real(next())); }
  double within(double high) { return within(next(), high); }
  std::optional<double> optional_loss() {
    return optional([&](double value) { return checked_loss(value); });
  }
  std::optional<double> optional_share() {
    return optional([&](double value) { return checked(value, 1); });
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw bad_input(fmt::format("{}: {}", place_, what));
  }

  std::string_view next() {
    const std::size_t end = std::min(rest_.find(','), rest_.size());
    const std::string_view cell = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++column_;
    return cell;
  }

  double real(std::string_view cell) const {
    double value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc() || end != cell.data() + cell.size()) {
      refuse(fmt::format("column {}: '{}' is no number", column_, excerpt(cell)));
    }
    return value;
  }

  double checked(double value, double high) const {
    if (value >= 0 && value <= high) return value;
    refuse(fmt::format("column {}: {} is not within 0 and {}", column_, value, high));
  }

  // Of a training that diverged even infinite or NaN.
  double checked_loss(double value) const {
    return std::isfinite(value) ? checked(value, std::numeric_limits<double>::max()) : value;
  }

  double within(std::string_view cell, double high) const { return checked(real(cell), high); }

  template <typename Check>
  std::optional<double> optional(Check check) {
    const std::string_view cell = next();
    if (cell.empty()) return std::nullopt;
    return check(real(cell));
  }

  std::string place_;  // "runs/x/history.csv:3"
  std::string_view rest_;
  std::size_t column_ = 0;
};

EpochRecord parse_record(std::string_view line, const std::string& source, std::size_t epoch) {
  constexpr double kMostRate = 1e15, kMostSeconds = 1e10;
  HistoryRow row(line, fmt::format("{}:{}", source, epoch + 1));
  EpochRecord record;
  record.epoch = row.epoch(epoch);
  record.loss = row.loss();
  record.cross_entropy = row.loss();
  record.accuracy = row.within(1);
  record.watched_loss = row.optional_loss();
  record.watched_accuracy = row.optional_share();
  record.learning_rate = row.within(std::numeric_limits<double>::max());
  record.images_per_second = row.within(kMostRate);
  record.seconds = row.within(kMostSeconds);
  return record;
}

}  // namespace

void check_predictions(std::span<const float> probabilities, std::span<const Label> labels,
                       int classes) {
  check_sizes(probabilities, labels, std::size_t(classes));
  const auto bad = std::find_if(probabilities.begin(), probabilities.end(),
                                [](float p) { return !(p >= 0) || std::isinf(p); });
  if (bad == probabilities.end()) return;
  const auto place = std::size_t(bad - probabilities.begin());
  throw bad_input(fmt::format("image {} has the probability {} for class {}; the model is broken",
                              place / std::size_t(classes), *bad, place % std::size_t(classes)));
}

Evaluation evaluate_predictions(std::span<const float> probabilities, std::span<const Label> labels,
                                const std::vector<std::string>& class_names) {
  const std::size_t classes = class_names.size();
  check_sizes(probabilities, labels, classes);
  constexpr float kSmallest = std::numeric_limits<float>::epsilon();
  Evaluation evaluation;
  evaluation.images = std::int64_t(labels.size());
  evaluation.confusion.assign(classes, std::vector<std::int64_t>(classes, 0));
  std::int64_t hits = 0;
  std::int64_t hits_of_two = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::span<const float> row = probabilities.subspan(i * classes, classes);
    const std::size_t label = labels[i];
    const std::size_t predicted =
        std::size_t(std::max_element(row.begin(), row.end()) - row.begin());
    ++evaluation.confusion[label][predicted];
    hits += predicted == label;
    hits_of_two += rank_of(row, label) < 2;
    evaluation.loss -= std::log(double(std::clamp(row[label], kSmallest, 1 - kSmallest)));
  }
  const double n = double(labels.size());
  evaluation.loss /= n;
  evaluation.accuracy = double(hits) / n;
  evaluation.top2 = double(hits_of_two) / n;
  std::tie(evaluation.interval_low, evaluation.interval_high) =
      wilson_interval(hits, evaluation.images);
  score_classes(class_names, evaluation);
  return evaluation;
}

std::pair<double, double> wilson_interval(std::int64_t hits, std::int64_t n) {
  if (n <= 0) return {0, 1};
  constexpr double kZ = 1.959963984540054;  // the normal distribution's 97.5 % point
  const double count = double(n);
  const double share = double(hits) / count;
  const double denominator = 1 + kZ * kZ / count;
  const double centre = (share + kZ * kZ / (2 * count)) / denominator;
  const double half =
      kZ / denominator * std::sqrt(share * (1 - share) / count + kZ * kZ / (4 * count * count));
  // At the ends the formula gives 0 and 1 up to rounding.
  return {hits == 0 ? 0 : centre - half, hits == n ? 1 : centre + half};
}

double score_of(const Evaluation& evaluation, const std::string& scoring) {
  if (scoring == "balanced_accuracy") return evaluation.balanced_accuracy;
  return scoring == "f1_macro" ? evaluation.macro.f1 : evaluation.accuracy;
}

Answered answers_from(const CoverageCurve& curve, float below) {
  const auto end = std::ranges::partition_point(
      curve, [&](const Answered& answered) { return answered.threshold >= below; });
  Answered of = end == curve.begin() ? Answered{} : *(end - 1);
  of.threshold = below;
  return of;
}

Answered surest_answers(const CoverageCurve& curve, double share) {
  const double wanted = std::ceil(share * double(curve.back().answers));
  return *std::ranges::partition_point(
      curve, [&](const Answered& answered) { return double(answered.answers) < wanted; });
}

std::string rejection_text(const Rejection& rejection) {
  const std::string wanted = fmt::format("{:.4g} % right", 100 * rejection.wanted);
  if (rejection.images == 0) {
    return fmt::format("{} cannot be promised: there are no images that it was not trained on",
                       wanted);
  }
  const std::string where =
      fmt::format("{} {}", grouped(double(rejection.images)), rejection.chosen_on);
  if (!rejection.below) {
    return fmt::format("{} cannot be reached: no threshold does on {}, {} answers at least", wanted,
                       where, kFewestAnswers);
  }
  return fmt::format("{}: unsure below {:.4f}, which answers {:.1f} % of {}", wanted,
                     *rejection.below,
                     100 * double(rejection.chosen.answers) / double(rejection.images), where);
}

Json to_json(const ClassScores& scores) {
  return {{"class", scores.name},
          {"precision", scores.precision},
          {"recall", scores.recall},
          {"f1", scores.f1},
          {"support", scores.support}};
}

Json to_json(const Evaluation& evaluation) {
  Json per_class = Json::array();
  for (const ClassScores& scores : evaluation.per_class) per_class.push_back(to_json(scores));
  Json macro = to_json(evaluation.macro);
  macro.erase("class");
  return {{"accuracy", evaluation.accuracy},
          {"loss", evaluation.loss},
          {"top2", evaluation.top2},
          {"balanced_accuracy", evaluation.balanced_accuracy},
          {"accuracy_interval", {evaluation.interval_low, evaluation.interval_high}},
          {"confusion", evaluation.confusion},
          {"per_class", per_class},
          {"macro_avg", macro},
          {"images", evaluation.images}};
}

std::string history_csv(const std::vector<EpochRecord>& history) {
  std::string text = fmt::format("{}\n", kHistoryHeader);
  for (const EpochRecord& r : history) {  // {} prints the shortest text that reads back equal
    text +=
        fmt::format("{},{},{},{},{},{},{},{},{}\n", r.epoch, r.loss, r.cross_entropy, r.accuracy,
                    optional_text(r.watched_loss), optional_text(r.watched_accuracy),
                    r.learning_rate, r.images_per_second, r.seconds);
  }
  return text;
}

std::vector<EpochRecord> parse_history_csv(std::string_view text, const std::string& source) {
  const auto line = [&] {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view found = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (found.ends_with('\r')) found.remove_suffix(1);
    return found;
  };
  if (text.size() > kMostTextBytes) {
    throw bad_input(
        fmt::format("{} has {} bytes, more than {}", source, text.size(), kMostTextBytes));
  }
  if (line() != kHistoryHeader) {
    throw bad_input(fmt::format("{} does not begin with the line '{}'", source, kHistoryHeader));
  }
  std::vector<EpochRecord> history;
  while (!text.empty()) history.push_back(parse_record(line(), source, history.size() + 1));
  return history;
}

std::vector<EpochRecord> read_history(const std::filesystem::path& path) {
  std::vector<EpochRecord> history = parse_history_csv(read_text(path), path.string());
  if (history.empty()) throw bad_input(fmt::format("{} has no epochs", path.string()));
  return history;
}

}  // namespace tailor::internal
