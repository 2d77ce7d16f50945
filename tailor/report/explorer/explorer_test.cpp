#include "tailor/report/explorer/explorer.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "tailor/core/error.hpp"
#include "tailor/formats/image.hpp"
#include "tailor/report/explorer/images.hpp"
#include "tailor/report/explorer/payload.hpp"

namespace tailor::internal {
namespace {

// The same bytes for everybody, as noisy as an image can be.
struct Noise {
  std::uint32_t state = 1;
  std::uint8_t byte() {
    state = state * 1664525u + 1013904223u;
    return std::uint8_t(state >> 24);
  }
};

Embedding moving_map(std::size_t points, int dimensions, int frames) {
  Embedding map{"raw pixels", "t-SNE", dimensions, points, {}, {}};
  Noise noise;
  std::vector<float> at(points * std::size_t(dimensions));
  for (int f = 0; f < frames; ++f) {
    for (float& value : at) value += float(noise.byte()) - 127.5f;
    map.frames.push_back({f * 10, 3.0 - f * 0.1, at});
  }
  return map;
}

// A page's records with the set that they read.
struct Drawn {
  std::unique_ptr<Dataset> set = std::make_unique<Dataset>();
  ExplorerData page;
};

Drawn make_data(std::size_t points, const Shape& shape, int classes, bool model) {
  Drawn drawn;
  Dataset& set = *drawn.set;
  ExplorerData& data = drawn.page;
  data.title = "Set";
  set.shape = shape;
  Noise noise;
  for (std::size_t i = 0; i < points; ++i) {
    set.labels.push_back(Label(i % std::size_t(classes)));
    data.in_test.push_back(std::uint8_t(i % 2));
    set.origin.push_back(std::uint32_t(i / 2));
    if (model) data.predicted.push_back(std::uint8_t(noise.byte() % classes));
    if (model) data.confidence.push_back(float(noise.byte()) / 255);
    for (std::size_t k = 0; k < shape.size(); ++k) set.pixels.push_back(noise.byte());
  }
  for (int c = 0; c < classes; ++c) set.class_names.push_back("class " + std::to_string(c));
  data.points = all_rows(set);
  data.maps.push_back(moving_map(points, 2, 5));
  return drawn;
}

std::vector<std::uint8_t> from_base64(const std::string& text) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | std::uint32_t(letters.find(c));
    held += 6;
    if (held >= 8) out.push_back(std::uint8_t(bits >> (held -= 8)));
  }
  return out;
}

std::string element(const std::string& page, const std::string& id) {
  const std::string open = " id=\"" + id + "\">";
  const std::size_t start = page.find(open);
  if (start == std::string::npos) return "";
  const std::size_t from = start + open.size();
  return page.substr(from, page.find("</script>", from) - from);
}

std::vector<std::uint8_t> unzipped(const std::vector<std::uint8_t>& bytes, std::size_t size) {
  std::vector<std::uint8_t> out(size + 1);
  z_stream stream{};
  inflateInit2(&stream, 31);
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = uInt(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = uInt(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::size_t count_of(const std::string& page, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = page.find(part); at != std::string::npos; at = page.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(Explorer, TheBudgetIsTwelveMegabytesAtTenThousandAndFortyAtSeventyThousand) {
  EXPECT_EQ(explorer_budget(0), 12'000'000u);
  EXPECT_EQ(explorer_budget(10'000), 12'000'000u);
  EXPECT_EQ(explorer_budget(40'000), 26'000'000u);
  EXPECT_EQ(explorer_budget(70'000), 40'000'000u);
  EXPECT_EQ(explorer_budget(1'000'000), 40'000'000u);
}

TEST(Explorer, ThePageCarriesEveryColumnAndTheEndOfTheMap) {
  const Drawn drawn = make_data(301, {1, 8, 8}, 3, true);
  const ExplorerData& data = drawn.page;
  const std::string page = render_explorer(data);
  const auto meta = nlohmann::json::parse(element(page, "meta"));
  EXPECT_EQ(meta["points"], 301);
  EXPECT_EQ(meta["classes"].size(), 3u);
  EXPECT_EQ(meta["maps"][0]["steps"], nlohmann::json({0, 10, 20, 30, 40}));
  const std::vector<std::uint8_t> columns = from_base64(element(page, "columns"));
  ASSERT_EQ(columns.size(), 301u * 11);
  EXPECT_EQ(columns[4 * 299] | columns[4 * 299 + 1] << 8, 149);
  EXPECT_EQ(columns[6 * 301 + 2 * 4], drawn.set->labels[4]);
  EXPECT_EQ(columns[8 * 301 + 2 * 5], data.predicted[5]);
  EXPECT_EQ(columns[10 * 301 + 7], 1);
  EXPECT_EQ(from_base64(element(page, "end-0")).size(), 301u * 4);
}

TEST(Explorer, AWayUnpacksToItsFramesWithinHalfAStep) {
  const Embedding map = moving_map(50, 3, 6);
  const std::vector<std::size_t> kept = kept_frames(map, 50 * 3 * 4);
  EXPECT_EQ(kept, (std::vector<std::size_t>{0, 2, 3, 5}));
  const int bits = 12, step = 1 << (16 - bits), most = (1 << (bits - 1)) - 1;
  const auto bytes = unzipped(packed_way(map, kept, bits), 3 * 2 * 150);
  ASSERT_EQ(bytes.size(), 3u * 2 * 150);
  const auto fine = [&](std::size_t frame) {
    Embedding one = map;
    one.frames = {map.frames[frame]};
    const auto end = packed_end(one);
    std::vector<int> out;
    for (std::size_t i = 0; i < end.size(); i += 2) {
      out.push_back(std::int16_t(end[i] | end[i + 1] << 8));
    }
    return out;
  };
  std::vector<int> coarse = fine(5);
  for (int& at : coarse) at = std::min((at + step / 2) >> (16 - bits), most);
  for (std::size_t k = 0; k < 3; ++k) {
    const std::vector<int> want = fine(kept[2 - k]);
    for (std::size_t i = 0; i < 150; ++i) {
      const int z = bytes[k * 300 + i] | bytes[k * 300 + 150 + i] << 8;
      coarse[i] += (z >> 1) ^ -(z & 1);
      EXPECT_LE(std::abs(coarse[i] * step - want[i]), step) << k << ' ' << i;
    }
  }
}

TEST(Explorer, NeighboursKeepTheirOrderInByteColumns) {
  Neighbours near{70'000, 12, std::vector<std::uint32_t>(70'000 * 12), {}};
  for (std::size_t i = 0; i < near.index.size(); ++i) {
    near.index[i] = std::uint32_t(i * 7919 % 70'000);
  }
  ASSERT_EQ(neighbour_bytes(near.points), 3);
  const std::size_t values = 70'000 * 10;
  const auto bytes = unzipped(packed_neighbours(near, 10), 3 * values);
  ASSERT_EQ(bytes.size(), 3 * values);
  for (const std::size_t i : {0u, 1u, 69'999u}) {
    const std::size_t at = i * 10 + 9;
    const int index = bytes[at] | bytes[values + at] << 8 | bytes[2 * values + at] << 16;
    EXPECT_EQ(std::uint32_t(index), near.index[i * 12 + 9]);
  }
}

TEST(Explorer, ImagesAreLosslessWhereTheyFit) {
  const Drawn drawn = make_data(40, {3, 32, 32}, 4, false);
  const SpritePages sprite = sprite_pages(drawn.page.points, 1'000'000);
  ASSERT_EQ(sprite.pages.size(), 1u);
  EXPECT_EQ(sprite.quality, 0);
  const Image page = decode_image(from_base64(sprite.pages[0]), 3, "page");
  const std::size_t image = 39, columns = std::size_t(page.width) / 32;
  const std::size_t top = image / columns * 32, left = image % columns * 32;
  for (std::size_t y = 0; y < 32; ++y) {
    for (std::size_t k = 0; k < 32 * 3; ++k) {
      ASSERT_EQ(page.pixels[((top + y) * std::size_t(page.width) + left) * 3 + k],
                drawn.set->pixels[image * 3072 + y * 96 + k]);
    }
  }
}

TEST(Explorer, ImagesBeyondTheBudgetBecomeJpegThatFits) {
  const Drawn drawn = make_data(3'000, {1, 28, 28}, 10, false);
  const SpritePages sprite = sprite_pages(drawn.page.points, 1'500'000);
  EXPECT_GT(sprite.quality, 0);
  std::size_t size = 0;
  for (const std::string& page : sprite.pages) size += page.size();
  EXPECT_LE(size, 1'500'000u);
  EXPECT_EQ(sprite.cell_width, 32);
}

TEST(Explorer, LargeImagesAreShrunkToMeans) {
  std::vector<std::uint8_t> pixels(std::size_t(200) * 100);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = std::uint8_t(i % 100 < 51 ? 10 : 210);
  const Image image = thumbnail(pixels, {1, 200, 100});
  EXPECT_EQ(image.height, 66);
  EXPECT_EQ(image.width, 33);
  EXPECT_EQ(image.pixels[16], 10);
  EXPECT_EQ(image.pixels[17], 210);
}

// Noise neither compresses nor repeats: no real set of this size can come out larger.
TEST(Explorer, APageOfTenThousandNoisyImagesStaysWithinTwelveMegabytes) {
  Drawn drawn = make_data(10'000, {1, 28, 28}, 10, true);
  ExplorerData& data = drawn.page;
  data.maps = {moving_map(10'000, 2, 40), moving_map(10'000, 2, 40)};
  Neighbours near{10'000, 10, std::vector<std::uint32_t>(100'000), {}};
  Noise noise;
  for (auto& index : near.index) index = std::uint32_t(noise.byte() << 5 | noise.byte() >> 3);
  data.neighbours = {near, near};
  EXPECT_LE(render_explorer(data).size(), 12'000'000u);
}

TEST(Explorer, HostileNamesStayText) {
  Drawn drawn = make_data(6, {1, 4, 4}, 3, true);
  ExplorerData& data = drawn.page;
  const std::string script = "</script><script>alert(1)</script>";
  data.title = "<!--" + script;
  data.subtitle = script;
  drawn.set->class_names = {script, "\"'&lt;\xE2\x80\xA8\x01\xFF", std::string(5'000, 'w')};
  data.maps[0].name = data.maps[0].method = script;
  data.provenance = {{script, script}};
  DataCheck check;
  check.classes.resize(3);
  const CheckedImage image{true, 0, 0, std::vector<std::uint8_t>(16, 7)};
  check.classes[0] = {1, 1, image.pixels, {image}, {image}};
  check.equal = {{image, image, 0}};
  check.equal_count = 1;
  check.labels = {{image, {0, 0, 1, 0.1, 0.9, true}}};
  check.label_count = 1;
  check.label_source = script;
  data.check = check;
  const std::string page = render_explorer(data);
  EXPECT_EQ(count_of(page, "alert(1)</script>"), 0u);
  EXPECT_EQ(count_of(page, "<!--"), 0u);
  EXPECT_EQ(count_of(page, "<script"), count_of(page, "</script>"));
  const auto meta = nlohmann::json::parse(element(page, "meta"));
  EXPECT_EQ(meta["classes"][0], script);
  EXPECT_EQ(meta["classes"][1], "\"'&lt;\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Explorer, TheCheckNamesItsCountsAndLinksPointsOnly) {
  Drawn drawn = make_data(4, {1, 4, 4}, 2, false);
  ExplorerData& data = drawn.page;
  const CheckedImage point{true, 1, 1, std::vector<std::uint8_t>(16, 1)};
  const CheckedImage stranger{false, 999, 0, std::vector<std::uint8_t>(16, 2)};
  DataCheck check;
  check.near = {{point, stranger, 12.5}};
  check.near_count = 1'234;
  check.near_across = 56;
  check.near_threshold = 260;
  data.check = check;
  const std::string page = render_explorer(data);
  EXPECT_NE(page.find("1,234 pairs in all, 56 of them between train and test"), std::string::npos);
  EXPECT_EQ(count_of(page, "data-split=\"test\" data-index=\"1\""), 1u);
  EXPECT_EQ(count_of(page, "data-index=\"999\""), 0u);
  EXPECT_NE(page.find("labels differ"), std::string::npos);
}

TEST(Explorer, OddSetsMakePages) {
  const Drawn nothing = make_data(0, {1, 8, 8}, 1, false);
  EXPECT_NE(render_explorer(nothing.page).find("</html>"), std::string::npos);
  Drawn unmapped = make_data(3, {1, 8, 8}, 256, false);
  unmapped.page.maps.clear();
  unmapped.set->class_names = {""};
  const auto meta = nlohmann::json::parse(element(render_explorer(unmapped.page), "meta"));
  EXPECT_EQ(meta["classes"], nlohmann::json({"class 0", "class 1", "class 2"}));
  EXPECT_EQ(meta["maps"].size(), 0u);
}

TEST(Explorer, EqualRecordsGiveEqualBytes) {
  const Drawn drawn = make_data(200, {1, 8, 8}, 3, true);
  EXPECT_EQ(render_explorer(drawn.page), render_explorer(drawn.page));
}

TEST(Explorer, ColumnsOfDifferentLengthAreRefused) {
  Drawn drawn = make_data(5, {1, 8, 8}, 3, false);
  drawn.page.in_test.pop_back();
  EXPECT_THROW(render_explorer(drawn.page), Error);
}

}  // namespace
}  // namespace tailor::internal
