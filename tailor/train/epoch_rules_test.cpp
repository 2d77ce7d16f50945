#include "tailor/train/epoch_rules.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "tailor/core/csv_reader.hpp"
#include "tailor/core/file.hpp"

namespace tailor::internal {
namespace {

std::vector<double> numbers_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<double> numbers;
  for (double number = 0; stream >> number;) numbers.push_back(number);
  return numbers;
}

double number_of(std::string_view text) {
  return numbers_of(text).at(0);
}

std::vector<EpochRecord> history_of(std::string_view monitor, std::string_view values) {
  std::vector<EpochRecord> history;
  for (const double value : numbers_of(values)) {
    EpochRecord epoch;
    if (monitor == "loss") epoch.loss = value;
    if (monitor == "accuracy") epoch.accuracy = value;
    if (monitor == "val_loss") epoch.watched_loss = value;
    if (monitor == "val_accuracy") epoch.watched_accuracy = value;
    history.push_back(epoch);
  }
  return history;
}

// What EarlyStopping has done by the end: epochs, and the one it kept.
std::string stopped(const EarlyStopping& rule, const std::vector<EpochRecord>& history) {
  for (std::size_t epochs = 1; epochs <= history.size(); ++epochs) {
    const Epochs so_far(history.data(), epochs);
    if (stops_early(rule, so_far) || epochs == history.size()) {
      return std::to_string(epochs) + " " + std::to_string(best_epoch(rule, so_far));
    }
  }
  return "";
}

// tools/golden/epoch_rules.py
TEST(EpochRules, DecideAsKerasDoes) {
  const std::string text = read_text(TAILOR_SOURCE_DIR "/tests/golden/epoch_rules.csv");
  CsvReader reader(text);
  std::vector<std::string_view> cells;
  ASSERT_TRUE(reader.next(cells));
  int cases = 0;
  for (; reader.next(cells); ++cases) {
    SCOPED_TRACE(reader.line());
    const auto history = history_of(cells[1], cells[7]);
    const std::string monitor(cells[1]);
    const double min_delta = number_of(cells[2]);
    const int patience = int(number_of(cells[3])), third = int(number_of(cells[4]));
    if (cells[0] == "stop") {
      EXPECT_EQ(stopped({monitor, min_delta, patience, third, true}, history), cells[8]);
      continue;
    }
    const Plateau rule{monitor, number_of(cells[5]), patience, min_delta,
                       third,   number_of(cells[6])};
    const std::vector<double> rates = numbers_of(cells[8]);
    for (std::size_t epochs = 1; epochs <= rates.size(); ++epochs) {
      EXPECT_NEAR(rate_after_plateaus(rule, 1, Epochs(history.data(), epochs)), rates[epochs - 1],
                  1e-6);
    }
  }
  EXPECT_EQ(cases, 60);
}

TEST(EpochRules, DoNothingWhereTheyAreNotAskedFor) {
  const auto history = history_of("loss", "1 2 3 4 5 6 7 8 9 10 11 12 13");
  EXPECT_FALSE(stops_early({}, history));
  EXPECT_EQ(best_epoch({}, history), -1);
  EXPECT_EQ(rate_after_plateaus({}, 0.5, history), 0.5);
}

TEST(EpochRules, KnowWhichOfThemNeedImagesToValidateOn) {
  TrainOptions options;
  EXPECT_FALSE(watches(options));
  options.plateau.monitor = "loss";
  EXPECT_FALSE(watches(options));
  options.early_stopping.monitor = "val_accuracy";
  EXPECT_TRUE(watches(options));
  options.validation_split = 0.1;
  EXPECT_FALSE(watches(options));
}

}  // namespace
}  // namespace tailor::internal
