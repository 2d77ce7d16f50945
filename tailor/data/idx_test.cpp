#include "tailor/data/idx.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tailor/data/test_files.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::filesystem::path written(const Bytes& bytes) {
  static const OwnFolder folder;
  const auto path = folder / "file";
  write_file_atomic(path, bytes);
  return path;
}

IdxArray read_back(const Bytes& bytes) {
  return read_idx(written(bytes));
}

std::string refusal(const Bytes& bytes) {
  const auto path = written(bytes);
  const std::string message = refusal_of([&] { read_idx(path); });
  EXPECT_THAT(message, testing::AnyOf("", HasSubstr(path.string())));
  return message;
}

const Bytes kTwoByThree = idx_bytes({2, 3}, {1, 2, 3, 4, 5, 6});

TEST(Idx, ReadsPlainFiles) {
  const IdxArray array = read_back(kTwoByThree);
  EXPECT_THAT(array.dims, ElementsAre(2, 3));
  EXPECT_THAT(array.values, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Idx, ReadsGzippedFilesWhateverTheirName) {
  const IdxArray array = read_back(gzip_bytes(kTwoByThree));
  EXPECT_THAT(array.dims, ElementsAre(2, 3));
  EXPECT_THAT(array.values, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Idx, ReadsGzipOfSeveralMembers) {
  Bytes packed = gzip_bytes({kTwoByThree.begin(), kTwoByThree.begin() + 14});
  const Bytes rest = gzip_bytes({kTwoByThree.begin() + 14, kTwoByThree.end()});
  packed.insert(packed.end(), rest.begin(), rest.end());
  EXPECT_THAT(read_back(packed).values, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Idx, ReadsGzipLargerThanItsInputBuffer) {
  Bytes values(300'000);
  std::uint32_t state = 1;
  for (auto& value : values) value = std::uint8_t((state = state * 1664525 + 1013904223) >> 24);
  const Bytes packed = gzip_bytes(idx_bytes({300'000}, values));
  ASSERT_GT(packed.size(), 200'000u);
  EXPECT_EQ(read_back(packed).values, values);
}

TEST(Idx, ReadsTheSizesAlone) {
  EXPECT_THAT(read_idx_dims(written(gzip_bytes(kTwoByThree))), ElementsAre(2, 3));
  EXPECT_THAT(read_idx_dims(written(idx_bytes({4, 5, 6}, {}))), ElementsAre(4, 5, 6));
}

TEST(Idx, RefusesWhatDoesNotStartLikeAnIdxFile) {
  EXPECT_THAT(refusal({'P', 'K', 3, 4, 0, 0}),
              AllOf(HasSubstr("not an IDX file"), HasSubstr("50 4b 03 04"), HasSubstr("00 00 08")));
  EXPECT_THAT(refusal({}), HasSubstr("0 bytes is too short"));
  EXPECT_THAT(refusal({0, 0, 8}), HasSubstr("3 bytes is too short"));
}

TEST(Idx, RefusesOtherTypesByName) {
  Bytes floats = kTwoByThree;
  floats[2] = 0x0d;
  EXPECT_THAT(refusal(floats), AllOf(HasSubstr("32-bit floats"), HasSubstr("0x0d")));
  floats[2] = 0x07;
  EXPECT_THAT(refusal(floats), HasSubstr("unknown type"));
}

TEST(Idx, RefusesNoneOrMoreThanFourDimensions) {
  EXPECT_THAT(refusal(idx_bytes({}, {})), HasSubstr("0 dimensions"));
  EXPECT_THAT(refusal(idx_bytes({1, 1, 1, 1, 1}, {7})), HasSubstr("5 dimensions"));
}

TEST(Idx, RefusesZeroSizes) {
  EXPECT_THAT(refusal(idx_bytes({0, 28, 28}, {})), AllOf(HasSubstr("empty"), HasSubstr("0x28x28")));
}

TEST(Idx, RefusesAbsurdSizesWithoutOverflow) {
  const std::uint32_t most = 0xffffffff;
  EXPECT_THAT(refusal(idx_bytes({most, most, most, most}, {1})), HasSubstr("absurd"));
  EXPECT_THAT(refusal(idx_bytes({1u << 31, 2, 1u << 31, 4}, {1})), HasSubstr("absurd"));
  EXPECT_THAT(refusal(idx_bytes({1u << 31}, {1})), HasSubstr("absurd"));
}

TEST(Idx, RefusesTruncationWithExpectedAndFound) {
  EXPECT_THAT(refusal(idx_bytes({2, 3}, {1, 2, 3, 4})),
              AllOf(HasSubstr("truncated"), HasSubstr("6 values"), HasSubstr("found 4")));
  EXPECT_THAT(refusal(gzip_bytes(idx_bytes({2, 3}, {1, 2, 3, 4}))),
              AllOf(HasSubstr("truncated"), HasSubstr("6 values"), HasSubstr("found 4")));
  EXPECT_THAT(refusal({0, 0, 8, 3, 0, 0}),
              AllOf(HasSubstr("needs 16 bytes"), HasSubstr("found 6")));
}

TEST(Idx, RefusesTwoGigabytesPromisedByASmallFile) {
  EXPECT_THAT(refusal(idx_bytes({0x7fffffff}, {1})), HasSubstr("found 1"));
  EXPECT_THAT(refusal(gzip_bytes(idx_bytes({0x7fffffff}, {1}))), HasSubstr("can unpack to"));
}

TEST(Idx, RefusesTrailingBytes) {
  EXPECT_THAT(refusal(idx_bytes({2}, {1, 2, 3})), HasSubstr("trailing bytes"));
  EXPECT_THAT(refusal(gzip_bytes(idx_bytes({2}, {1, 2, 3}))), HasSubstr("trailing bytes"));
}

TEST(Idx, StopsAtTheFirstByteAGzipBombHasTooMany) {
  // The first member ends one byte beyond the header's promise; the second is broken, which only
  // shows if it is unpacked.
  Bytes bomb = gzip_bytes(idx_bytes({2}, {1, 2, 3}));
  Bytes broken = gzip_bytes(Bytes(100'000, 0));
  broken[12] ^= 0xff;
  bomb.insert(bomb.end(), broken.begin(), broken.end());
  EXPECT_THAT(refusal(bomb), HasSubstr("trailing bytes after the 2 values"));
}

TEST(Idx, RefusesBrokenGzip) {
  const Bytes good = gzip_bytes(kTwoByThree);
  Bytes wrong_sum = good;
  wrong_sum[good.size() - 8] ^= 1;
  EXPECT_THAT(refusal(wrong_sum), HasSubstr("broken gzip data (incorrect data check)"));
  Bytes wrong_length = good;
  wrong_length[good.size() - 1] ^= 1;
  EXPECT_THAT(refusal(wrong_length), HasSubstr("broken gzip data (incorrect length check)"));
  EXPECT_THAT(refusal({good.begin(), good.end() - 4}), HasSubstr("checksum at the end is missing"));
  Bytes garbage = good;
  garbage.push_back('!');
  EXPECT_THAT(refusal(garbage), HasSubstr("trailing bytes after the gzip data"));
}

TEST(Idx, ZerosBehindGzipDataFillABlock) {
  for (const std::size_t zeros : {1u, 512u, 200'000u}) {
    Bytes padded = gzip_bytes(kTwoByThree);
    padded.resize(padded.size() + zeros);
    EXPECT_EQ(read_back(padded).values.size(), 6u) << zeros;
    padded.push_back(7);
    EXPECT_THAT(refusal(padded), HasSubstr("trailing bytes after the gzip data")) << zeros;
    padded.back() = 0x1f;
    EXPECT_THAT(refusal(padded), HasSubstr("trailing bytes after the gzip data")) << zeros;
  }
}

TEST(Idx, RefusesEveryTruncationOfAGzipFile) {
  const Bytes good = gzip_bytes(kTwoByThree);
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_NE(refusal({good.begin(), good.begin() + std::ptrdiff_t(length)}), "") << length;
  }
}

TEST(Idx, NamesAMissingFileAndAFolder) {
  const OwnFolder folder;
  EXPECT_THAT(refusal_of([&] { read_idx(folder / "nothing"); }), HasSubstr("No such file"));
  EXPECT_THAT(refusal_of([&] { read_idx(folder); }), HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace tailor::internal
