#include "tailor/study/predictions_csv.hpp"

#include <gtest/gtest.h>

namespace tailor::internal {
namespace {

TEST(PredictionsCsv, HasALineForEachImageByItsNumber) {
  const Dataset set{{1, 1, 1}, {0, 0}, {1, 0}, {"ant", "bee, or wasp"}, {7, 9}};
  const std::vector<float> probabilities = {0.25f, 0.75f, 0.5f, 0.5f};
  EXPECT_EQ(predictions_csv(set, probabilities),
            "index,label,class,predicted,predicted_class,probability,label_probability\n"
            "7,1,\"bee, or wasp\",1,\"bee, or wasp\",0.750000,0.750000\n"
            "9,0,ant,0,ant,0.500000,0.500000\n");
}

}  // namespace
}  // namespace tailor::internal
