#include "tailor/train/class_weights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Dataset clothes() {
  Dataset set;
  set.shape = {1, 1, 1};
  set.labels = {0, 1, 1, 2, 2, 2, 2, 2};
  set.class_names = {"Shirt", "Coat", "7"};
  set.pixels = std::vector<std::uint8_t>(set.labels.size());
  return set;
}

TEST(ClassWeights, AreNoneUnlessAskedFor) {
  const Dataset set = clothes();
  EXPECT_THAT(class_weights("none", all_rows(set)), IsEmpty());
}

// sklearn.utils.class_weight.compute_class_weight("balanced", ...) of the same labels.
TEST(ClassWeights, BalanceAsScikitLearnDoes) {
  const Dataset set = clothes();
  EXPECT_THAT(class_weights("balanced", all_rows(set)),
              ElementsAre(DoubleEq(2.6666666666666665), DoubleEq(1.3333333333333333),
                          DoubleEq(0.53333333333333333)));
}

TEST(ClassWeights, OfAClassThatIsNotAmongTheRowsIsOne) {
  const Dataset set = clothes();
  EXPECT_THAT(class_weights("balanced", Rows{&set, {1, 2, 3, 4, 5, 6}}),
              ElementsAre(1, DoubleEq(1.5), DoubleEq(0.75)));
}

TEST(ClassWeights, TakeNamesBeforeNumbers) {
  const Dataset set = clothes();
  EXPECT_THAT(class_weights(R"({"Coat" = 3, "7" = 0.5})", all_rows(set)), ElementsAre(1, 3, 0.5));
  EXPECT_THAT(class_weights(R"({2 = 4.0})", all_rows(set)), ElementsAre(1, 1, 4));
}

TEST(ClassWeights, RefuseWhatTheyDoNotKnow) {
  const Dataset set = clothes();
  const auto refusal = [&](const std::string& text) {
    return refusal_of([&] { class_weights(text, all_rows(set)); });
  };
  EXPECT_THAT(refusal(R"({"Shrit" = 2.0})"), HasSubstr("did you mean Shirt?"));
  EXPECT_THAT(refusal(R"({"3" = 2.0})"), HasSubstr("no class 3"));
  EXPECT_THAT(refusal(R"({"Shirt" = -1})"), HasSubstr("a number from 0 on"));
  EXPECT_THAT(refusal(R"({"Shirt" = "much"})"), HasSubstr("a number from 0 on"));
  EXPECT_THAT(refusal("{0 = 0, 1 = 0, 2 = 0}"), HasSubstr("no image counts"));
  EXPECT_THAT(refusal(R"({"Coat" = 2, "1" = 3})"), HasSubstr("names a class a second time"));
  EXPECT_THAT(refusal("balance"), HasSubstr("none, balanced or a table"));
  EXPECT_THAT(refusal("{} x = 1"), HasSubstr("none, balanced or a table"));
}

}  // namespace
}  // namespace tailor::internal
