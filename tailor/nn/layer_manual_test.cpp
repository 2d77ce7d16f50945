#include "tailor/nn/layer_manual.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tailor/core/file.hpp"
#include "tailor/nn/layer.hpp"

namespace tailor::internal {
namespace {

using ::testing::HasSubstr;

TEST(LayerReference, IsWhatTheDocumentationHolds) {
  EXPECT_EQ(read_text(TAILOR_SOURCE_DIR "/docs/layers.md"), layers_markdown())
      << "write it again: tailor help layers --markdown > docs/layers.md";
}

TEST(LayerReference, NamesEveryLayerAndEveryOptionInBothForms) {
  for (const std::string& type : layer_types()) {
    Layer layer = make_layer(type, "test");
    EXPECT_THAT(layers_markdown(), HasSubstr("\n## " + type + "\n"));
    for (const Field& field : fields_of(layer)) {
      EXPECT_THAT(layer_text(type, 80), HasSubstr(field.path)) << type;
    }
    EXPECT_THAT(layers_text(80), HasSubstr(layer_text(type, 80)));
  }
}

TEST(LayerReference, SaysWhereKernelsDifferFromKeras) {
  EXPECT_THAT(layers_markdown(), HasSubstr("(units, inputs), where Keras has (inputs, units)"));
}

}  // namespace
}  // namespace tailor::internal
