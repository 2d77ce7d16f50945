#include "tailor/formats/projector.hpp"

#include <gtest/gtest.h>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/formats/image.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal {
namespace {

class ProjectorTest : public testing::Test {
 protected:
  ProjectorTest() {
    for (std::size_t i = 0; i < vectors.size(); ++i) vectors[i] = 0.1f * float(i);
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = std::uint8_t(i / 6 + 1);
    data.name = "raw \"pixels\"\n\\ <b>";
    data.points = 5;
    data.columns = 2;
    data.vectors = vectors;
    data.metadata_columns = {"label", "index"};
    data.metadata = {{"a\tb", "0"}, {"", "1"}, {"<script>\r\n", "2"}, {"\"", "3"}, {"ü", "4"}};
    data.shape = {1, 3, 2};
    data.images = images;
  }

  const OwnFolder own_;
  const std::filesystem::path folder = own_ / "with a space" / "in it";
  std::vector<float> vectors = std::vector<float>(10);
  std::vector<std::uint8_t> images = std::vector<std::uint8_t>(5 * 6);
  ProjectorData data;
};

TEST_F(ProjectorTest, WritesTheFourFilesOfTheProjector) {
  write_projector(folder, data);
  EXPECT_EQ(read_text(folder / "vectors.tsv"),
            "0\t0.1\n0.2\t0.3\n0.4\t0.5\n0.6\t0.7\n0.8\t0.90000004\n");
  EXPECT_EQ(read_text(folder / "metadata.tsv"),
            "label\tindex\na b\t0\n \t1\n<script>  \t2\n\"\t3\nü\t4\n");
  EXPECT_EQ(read_text(folder / "projector_config.pbtxt"),
            "embeddings {\n"
            "  tensor_name: \"raw \\\"pixels\\\" \\\\ <b>\"\n"
            "  tensor_shape: 5\n"
            "  tensor_shape: 2\n"
            "  tensor_path: \"vectors.tsv\"\n"
            "  metadata_path: \"metadata.tsv\"\n"
            "  sprite {\n"
            "    image_path: \"sprite.png\"\n"
            "    single_image_dim: 3\n"
            "    single_image_dim: 3\n"
            "  }\n"
            "}\n");
}

TEST_F(ProjectorTest, OneColumnOfMetadataHasNoHeader) {
  data.metadata_columns = {"label"};
  for (auto& row : data.metadata) row.resize(1);
  write_projector(folder, data);
  EXPECT_EQ(read_text(folder / "metadata.tsv"), "a b\n \n<script>  \n\"\nü\n");
}

TEST_F(ProjectorTest, SpriteIsASquareGridOfSquareCells) {
  write_projector(folder, data);
  const Image sprite = decode_image(read_file(folder / "sprite.png"), 1, "sprite");
  EXPECT_EQ(sprite.width, 9);
  EXPECT_EQ(sprite.height, 9);
  const std::vector<std::uint8_t> row = {1, 1, 0, 2, 2, 0, 3, 3, 0};
  const std::vector<std::uint8_t> next = {4, 4, 0, 5, 5, 0, 0, 0, 0};
  EXPECT_TRUE(std::equal(row.begin(), row.end(), sprite.pixels.begin()));
  EXPECT_TRUE(std::equal(next.begin(), next.end(), sprite.pixels.begin() + 3 * 9));
}

TEST_F(ProjectorTest, ImagesAreHalvedUntilTheSpriteFits) {
  data.points = 4;
  data.vectors = data.vectors.first(8);
  data.metadata.pop_back();
  data.shape = {1, 1, 4097};
  images.assign(4 * data.shape.size(), 40);
  images[0] = 60, images[1] = 80;
  data.images = images;
  write_projector(folder, data);
  const Image sprite = decode_image(read_file(folder / "sprite.png"), 1, "sprite");
  EXPECT_EQ(sprite.width, 2 * 2049);
  EXPECT_EQ(sprite.pixels[std::size_t(2049 / 2) * std::size_t(sprite.width)], 70);
}

TEST_F(ProjectorTest, RefusesSizesThatDoNotFit) {
  const auto refused = [&](auto change) {
    ProjectorData wrong = data;
    change(wrong);
    EXPECT_THROW(write_projector(folder, wrong), Error);
    EXPECT_FALSE(std::filesystem::exists(folder));
  };
  refused([](ProjectorData& d) { d.columns = 3; });
  refused([](ProjectorData& d) { d.points = 0; });
  refused([](ProjectorData& d) { d.metadata.pop_back(); });
  refused([](ProjectorData& d) { d.metadata[2].pop_back(); });
  refused([](ProjectorData& d) { d.shape.width = 3; });
  refused([](ProjectorData& d) { d.shape = {2, 3, 1}; });
}

}  // namespace
}  // namespace tailor::internal
