#include "tailor/data/folds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>

#include "tailor/core/file.hpp"
#include "tailor/data/idx.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using Labels = std::vector<Label>;

constexpr char kFashionLabels[] = "/usr/share/datasets/fashion-mnist/train-labels-idx1-ubyte.gz";

// One base-36 digit per row, as tools/golden/folds.py writes them.
Labels labels_of(const std::string& digits) {
  Labels labels;
  for (const char c : digits) labels.push_back(Label(c <= '9' ? c - '0' : c - 'a' + 10));
  return labels;
}

std::string fold_digits(const std::vector<Fold>& folds, std::size_t rows) {
  std::string digits(rows, '?');
  for (std::size_t f = 0; f < folds.size(); ++f) {
    for (const std::uint32_t row : folds[f].test) digits[row] = char('0' + f);
  }
  return digits;
}

struct Golden {
  std::string kind;
  FoldOptions options;
  std::string labels;  // small cases only
  std::string folds;   // digits, or their SHA-256
};

std::vector<Golden> golden(const std::string& kind) {
  std::ifstream file(TAILOR_SOURCE_DIR "/tests/golden/folds.txt");
  std::vector<Golden> cases;
  Golden c;
  while (file >> c.kind >> c.options.splits >> c.options.shuffle >> c.options.random_state) {
    if (c.kind == "small") file >> c.labels;
    file >> c.folds;
    if (c.kind == kind) cases.push_back(c);
  }
  return cases;
}

std::string message_of(const Labels& labels, int splits) {
  return refusal_of([&] { stratified_folds(labels, {.splits = splits}); });
}

TEST(Folds, EqualScikitLearnsStratifiedKFold) {
  const auto cases = golden("small");
  ASSERT_GT(cases.size(), 200u);
  for (const Golden& c : cases) {
    EXPECT_EQ(fold_digits(stratified_folds(labels_of(c.labels), c.options), c.labels.size()),
              c.folds)
        << c.options.splits << " splits, shuffle " << c.options.shuffle << ", random_state "
        << c.options.random_state << ", labels " << c.labels;
  }
}

TEST(Folds, EqualScikitLearnsOnFashionMnist) {
  if (!std::filesystem::exists(kFashionLabels)) GTEST_SKIP() << "dataset-fashion-mnist is missing";
  const std::vector<std::uint8_t> values = read_idx(kFashionLabels).values;
  const Labels labels(values.begin(), values.end());
  const auto cases = golden("real");
  ASSERT_EQ(cases.size(), 5u);
  for (const Golden& c : cases) {
    const std::string digits = fold_digits(stratified_folds(labels, c.options), labels.size());
    EXPECT_EQ(sha256_hex({reinterpret_cast<const std::uint8_t*>(digits.data()), digits.size()}),
              c.folds)
        << c.options.splits << " splits";
  }
}

TEST(Folds, TrainAndTestAreAscendingAndTogetherEveryRowOnce) {
  const Labels labels = labels_of("012012010210212");
  for (const Fold& fold : stratified_folds(labels, {.splits = 3, .shuffle = true})) {
    EXPECT_TRUE(std::ranges::is_sorted(fold.train));
    EXPECT_TRUE(std::ranges::is_sorted(fold.test));
    Indices all = fold.train;
    all.insert(all.end(), fold.test.begin(), fold.test.end());
    std::ranges::sort(all);
    EXPECT_THAT(all, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14));
  }
}

TEST(Folds, RefusesFewerThanTwoSplits) {
  EXPECT_THAT(message_of(labels_of("0011"), 1), testing::HasSubstr("at least 2 folds, not 1"));
  EXPECT_THAT(message_of(labels_of("0011"), -3), testing::HasSubstr("not -3"));
}

TEST(Folds, NamesTheClassThatIsRarerThanTheSplits) {
  EXPECT_THAT(message_of(labels_of("0000022255555"), 5), testing::HasSubstr("class 2 has only 3"));
  EXPECT_EQ(message_of(labels_of("0000022255555"), 3), "");
}

TEST(Folds, RefusesNoImages) {
  EXPECT_NE(message_of({}, 2), "");
}

TEST(StratifiedSlice, KeepsTheSharesOfTheClasses) {
  Labels labels;
  for (int i = 0; i < 1000; ++i) labels.push_back(Label(i < 600 ? 0 : i < 900 ? 1 : 2));
  std::map<int, int> count;
  for (const std::uint32_t row : stratified_slice(labels, 100, 1)) ++count[labels[row]];
  EXPECT_THAT(count, testing::ElementsAre(testing::Pair(0, 60), testing::Pair(1, 30),
                                          testing::Pair(2, 10)));
}

TEST(StratifiedSlice, IsASeededSampleInDataOrder) {
  const Labels labels(500, 0);
  const Indices slice = stratified_slice(labels, 50, 1);
  EXPECT_TRUE(std::ranges::is_sorted(slice));
  EXPECT_EQ(slice, stratified_slice(labels, 50, 1));
  EXPECT_NE(slice, stratified_slice(labels, 50, 2));
  EXPECT_GT(slice.back(), 400u);
}

TEST(StratifiedSlice, ASmallerSliceIsPartOfALargerOne) {
  const Labels labels = labels_of("01201210201201201022100212010000");
  const Indices small = stratified_slice(labels, 7, 3);
  const Indices large = stratified_slice(labels, 20, 3);
  EXPECT_EQ(small.size(), 7u);
  EXPECT_TRUE(std::ranges::includes(large, small));
}

TEST(StratifiedSlice, OfNothingOrTooMuchIsEverything) {
  const Labels labels = labels_of("01012");
  EXPECT_THAT(stratified_slice(labels, 0, 1), testing::ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(stratified_slice(labels, 9, 1), testing::ElementsAre(0, 1, 2, 3, 4));
}

}  // namespace
}  // namespace tailor::internal
