#include "tailor/study/experiment/option_manual.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tailor/core/file.hpp"
#include "tailor/study/experiment/experiment.hpp"

namespace tailor::internal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(OptionReference, IsWhatTheDocumentationHolds) {
  EXPECT_EQ(read_text(TAILOR_SOURCE_DIR "/docs/options.md"), options_markdown())
      << "write it again: tailor help experiment --markdown > docs/options.md";
}

TEST(OptionReference, NamesEveryOptionInBothForms) {
  Experiment defaults;
  for (const Field& field : fields_of(defaults)) {
    EXPECT_THAT(options_markdown(), HasSubstr("| `" + field.path + "` |"));
    EXPECT_THAT(all_options_text(80), HasSubstr("\n  " + field.path + " "));
  }
}

TEST(OptionReference, SaysWhatASearchMayVary) {
  EXPECT_THAT(options_markdown(),
              HasSubstr("| `model.kernels` | a whole number from 1 to 4096 | `32` | yes |"));
  EXPECT_THAT(options_markdown(),
              HasSubstr("| `model.name` | seed, air or custom | `\"seed\"` | no"));
  EXPECT_THAT(options_markdown(), HasSubstr("model.layer.1.filters"));
}

TEST(OptionReference, ListsPartOfTheOptionsByHowTheirPathsBegin) {
  const std::string some = options_text({"train.", "seed"}, 80);
  EXPECT_THAT(some, HasSubstr("\n[train], every training\n"));
  EXPECT_THAT(some, HasSubstr("  seed "));
  EXPECT_THAT(some, Not(HasSubstr("search.")));
}

}  // namespace
}  // namespace tailor::internal
