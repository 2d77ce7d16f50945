#include "tailor/formats/safetensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/limits.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::uint8_t> with_length(std::uint64_t length, std::string_view rest) {
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(std::uint8_t(length >> (8 * i)));
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

// A file with this header and as many bytes of tensors.
std::vector<std::uint8_t> file_of(const std::string& header, std::size_t buffer = 0) {
  return with_length(header.size(), header + std::string(buffer, '\1'));
}

std::string refusal(const std::vector<std::uint8_t>& bytes) {
  const std::string message = refusal_of([&] { decode_safetensors(bytes, "weights.bin"); });
  EXPECT_THAT(message, testing::AnyOf("", HasSubstr("weights.bin")));
  return message;
}

void expect_refused(const std::string& header, std::size_t buffer, const std::string& part) {
  EXPECT_THAT(refusal(file_of(header, buffer)), HasSubstr(part)) << header.substr(0, 200);
}

std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

TEST(Safetensors, ReadsBackWhatItWrote) {
  const std::vector<float> values = {1.5f, -0.0f, std::numeric_limits<float>::infinity(), 1e-40f};
  SafetensorsFile file;
  file.tensors = {f32_tensor("conv.weight", {2, 2}, values),
                  {"step", "I64", {}, {7, 0, 0, 0, 0, 0, 0, 0}},
                  f32_tensor("nothing", {0, 3}, {}),
                  {"pixels", "U8", {3}, {1, 2, 3}}};
  file.metadata = {{"made by", "Tailor"}, {"quote", "\"'\n\xc3\xa9"}};
  const auto bytes = encode_safetensors(file);
  const auto back = decode_safetensors(bytes, "x");
  ASSERT_EQ(back.tensors.size(), 4u);
  EXPECT_EQ(back.metadata, file.metadata);
  for (const NamedTensor& wanted : file.tensors) {
    const NamedTensor& got = back.at(wanted.name);
    EXPECT_EQ(got.dtype, wanted.dtype);
    EXPECT_EQ(got.shape, wanted.shape);
    EXPECT_EQ(got.bytes, wanted.bytes);
  }
  EXPECT_EQ(back.at("conv.weight").floats(), values);
  EXPECT_EQ(encode_safetensors(file), bytes);
}

TEST(Safetensors, HeaderIsPaddedToEightBytes) {
  for (std::size_t n = 1; n < 10; ++n) {
    const auto bytes = encode_safetensors({.tensors = {{std::string(n, 'n'), "U8", {0}, {}}}});
    EXPECT_EQ(bytes[0] % 8, 0);
    EXPECT_EQ(bytes[8], '{');
    EXPECT_EQ(decode_safetensors(bytes, "x").tensors[0].name, std::string(n, 'n'));
  }
}

TEST(Safetensors, ReadsWhatThePythonPackageWrote) {
  const std::string path = TAILOR_SOURCE_DIR "/tests/golden/from_python.safetensors";
  const auto file = decode_safetensors(read_file(path), path);
  EXPECT_EQ(file.tensors.size(), 7u);
  EXPECT_THAT(file.at("conv.weight").shape, ElementsAre(2, 3));
  EXPECT_THAT(file.at("conv.weight").floats(), ElementsAre(0, 0.25f, 0.5f, 0.75f, 1, 1.25f));
  EXPECT_EQ(file.at("counts").dtype, "I64");
  EXPECT_EQ(file.at("half").dtype, "F16");
  EXPECT_THAT(file.at("half").bytes, ElementsAre(0, 0x3c, 0, 0xc0, 0, 0x38));
  EXPECT_THAT(file.at("mask").bytes, ElementsAre(1, 0, 1));
  EXPECT_THAT(file.at("nothing").bytes, IsEmpty());
  EXPECT_THAT(file.at("scalar").shape, IsEmpty());
  EXPECT_THAT(file.at("pixels").bytes, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(file.metadata.at("quote"), "\"'\n\xc3\xa9");
}

TEST(Safetensors, TensorsComeInTheOrderOfTheirOffsets) {
  const auto file =
      decode_safetensors(file_of("{\"late\":" + tensor("U8", "[2]", "[1,3]") +
                                     ",\"early\":" + tensor("U8", "[]", "[0,1]") + "}",
                                 3),
                         "x");
  EXPECT_EQ(file.tensors[0].name, "early");
  EXPECT_EQ(file.tensors[1].name, "late");
}

TEST(Safetensors, ReadsDtypesSmallerThanAByte) {
  const auto file =
      decode_safetensors(file_of("{\"a\":" + tensor("F4", "[4]", "[0,2]") + "}", 2), "x");
  EXPECT_EQ(file.at("a").bytes.size(), 2u);
  expect_refused("{\"a\":" + tensor("F4", "[3]", "[0,2]") + "}", 2, "does not fit");
}

TEST(Safetensors, ReadsAnEmptyHeader) {
  EXPECT_THAT(decode_safetensors(file_of("{}"), "x").tensors, IsEmpty());
  EXPECT_THAT(decode_safetensors(file_of("{}      "), "x").tensors, IsEmpty());
}

TEST(Safetensors, RefusesShortFilesAndHeadersPastTheEnd) {
  EXPECT_THAT(refusal({}), HasSubstr("shorter than 8 bytes"));
  EXPECT_THAT(refusal({2, 0, 0, 0, 0, 0, 0}), HasSubstr("shorter than 8 bytes"));
  EXPECT_THAT(refusal(with_length(3, "{}")), HasSubstr("past the end"));
  EXPECT_THAT(refusal(with_length(0, "{}")), HasSubstr("does not begin with {"));
  EXPECT_THAT(refusal(with_length(kMostTextBytes + 1, "{}")), HasSubstr("more than 16777216"));
  EXPECT_THAT(refusal(with_length(~std::uint64_t{0}, "{}")), HasSubstr("more than 16777216"));
}

TEST(Safetensors, RefusesEveryPrefixOfAFile) {
  const auto bytes = encode_safetensors(
      {.tensors = {f32_tensor("a", {1}, std::vector{1.0f})}, .metadata = {{"k", "v"}}});
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_NE(refusal({bytes.begin(), bytes.begin() + std::ptrdiff_t(n)}), "") << n;
  }
}

TEST(Safetensors, RefusesHeadersThatAreNotJson) {
  for (const char* header : {" {}", "[]", "{", "{}x", "{\"a\"}", "{'a':1}", "{}{}", "{\"a\":1,}",
                             "{/**/}", "{\"\xff\":{}}", "\xef\xbb\xbf{}"}) {
    EXPECT_NE(refusal(file_of(header)), "") << header;
  }
}

TEST(Safetensors, RefusesDeepHeadersWithoutRecursion) {
  const std::string deep(1'000'000, '[');
  expect_refused("{\"a\":" + deep, 0, "a list");
  std::string objects = "{\"a\":";
  for (int i = 0; i < 100'000; ++i) objects += "{\"dtype\":";
  expect_refused(objects, 0, "an object");
}

TEST(Safetensors, RefusesDuplicateKeys) {
  const std::string one = tensor("U8", "[0]", "[0,0]");
  expect_refused("{\"a\":" + one + ",\"a\":" + one + "}", 0, "twice");
  expect_refused("{\"a\":" + one + ",\"\\u0061\":" + one + "}", 0, "twice");
  expect_refused(R"({"__metadata__":{"k":"1","k":"2"}})", 0, "twice");
  expect_refused(R"({"__metadata__":{},"__metadata__":{}})", 0, "twice");
  expect_refused(R"({"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}})", 0,
                 "twice");
}

TEST(Safetensors, RefusesWrongTensorEntries) {
  expect_refused(R"({"a":{"dtype":"U8","shape":[0]}})", 0, "lacks");
  expect_refused(R"({"a":{}})", 0, "lacks");
  expect_refused(R"({"a":3})", 0, "the number 3");
  expect_refused(R"({"a":null})", 0, "null");
  expect_refused(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"extra":1}})", 0,
                 "\"extra\"");
  expect_refused("{\"a\":" + tensor("F31", "[0]", "[0,0]") + "}", 0, "unknown dtype \"F31\"");
  expect_refused(R"({"a":{"dtype":8,"shape":[0],"data_offsets":[0,0]}})", 0, "the number 8");
  expect_refused("{\"a\":" + tensor("U8", "0", "[0,0]") + "}", 0, "the number 0");
  expect_refused("{\"a\":" + tensor("U8", "[[0]]", "[0,0]") + "}", 0, "a list");
  expect_refused("{\"a\":" + tensor("U8", "[true]", "[0,0]") + "}", 0, "true or false");
  expect_refused("{\"a\":" + tensor("U8", "[0]", "[0]") + "}", 0, "length than 2");
  expect_refused("{\"a\":" + tensor("U8", "[0]", "[0,0,0]") + "}", 0, "the number 0");
  expect_refused(R"({"__metadata__":{"k":1}})", 0, "the number 1");
  expect_refused(R"({"__metadata__":"k"})", 0, "a string");
}

TEST(Safetensors, RefusesNegativeFractionalAndOverflowingSizes) {
  expect_refused("{\"a\":" + tensor("U8", "[-1]", "[0,0]") + "}", 0, "the number -1");
  expect_refused("{\"a\":" + tensor("U8", "[1.0]", "[0,1]") + "}", 1, "the number \"1.0\"");
  expect_refused("{\"a\":" + tensor("U8", "[9223372036854775808]", "[0,0]") + "}", 0, "the number");
  expect_refused("{\"a\":" + tensor("U8", "[99999999999999999999]", "[0,0]") + "}", 0,
                 "the number");
  // 2^32 * 2^32 elements wrap to 0, and 2^61 * 64 bits to 0.
  expect_refused("{\"a\":" + tensor("U8", "[4294967296,4294967296]", "[0,0]") + "}", 0,
                 "does not fit");
  expect_refused("{\"a\":" + tensor("F64", "[2305843009213693952]", "[0,0]") + "}", 0,
                 "does not fit");
}

TEST(Safetensors, RefusesMoreDimensionsThanAnyTensorHas) {
  std::string shape = "[0";
  for (int i = 0; i < 1000; ++i) shape += ",0";
  expect_refused("{\"a\":" + tensor("U8", shape + "]", "[0,0]") + "}", 0, "the number 0");
}

TEST(Safetensors, RefusesOverlappingOffsets) {
  const std::string four = tensor("U8", "[4]", "[0,4]");
  expect_refused("{\"a\":" + four + ",\"b\":" + tensor("U8", "[4]", "[2,6]") + "}", 6, "begins at");
  expect_refused("{\"a\":" + four + ",\"b\":" + four + "}", 4, "begins at");
}

TEST(Safetensors, RefusesHolesAndUncoveredBytes) {
  expect_refused("{\"a\":" + tensor("U8", "[2]", "[1,3]") + "}", 3, "begins at");
  expect_refused(
      "{\"a\":" + tensor("U8", "[1]", "[0,1]") + ",\"b\":" + tensor("U8", "[1]", "[2,3]") + "}", 3,
      "begins at");
  expect_refused("{\"a\":" + tensor("U8", "[2]", "[0,2]") + "}", 3, "end at 2 of 3");
  expect_refused("{}", 1, "end at 0 of 1");
}

TEST(Safetensors, RefusesOffsetsThatDoNotFitTheShapeOrTheFile) {
  expect_refused("{\"a\":" + tensor("U8", "[2]", "[0,3]") + "}", 3, "does not fit");
  expect_refused("{\"a\":" + tensor("U8", "[4]", "[0,4]") + "}", 3, "does not fit");
  expect_refused("{\"a\":" + tensor("U8", "[2]", "[2,0]") + "}", 2, "does not fit");
  expect_refused("{\"a\":" + tensor("U8", "[1]", "[18446744073709551615,0]") + "}", 1,
                 "does not fit");
}

TEST(Safetensors, ErrorsQuoteStrangeNamesOnOneShortLine) {
  const std::string name = "new\\nline" + std::string(5000, 'x');
  const std::string message =
      refusal(file_of("{\"" + name + "\":" + tensor("U8", "[2]", "[0,3]") + "}", 3));
  EXPECT_LT(message.size(), 300u);
  EXPECT_THAT(message, HasSubstr("new\\nline"));
}

TEST(Safetensors, RefusesToWriteWhatItWouldNotRead) {
  const NamedTensor good = {"a", "U8", {2}, {1, 2}};
  const auto refuses = [](std::vector<NamedTensor> tensors) {
    EXPECT_THROW(encode_safetensors({.tensors = std::move(tensors)}), Error);
  };
  refuses({good, good});
  refuses({{"__metadata__", "U8", {0}, {}}});
  refuses({{"a", "F31", {0}, {}}});
  refuses({{"a", "U8", {3}, {1, 2}}});
  refuses({{"a", "U8", {-1}, {}}});
  refuses({{"\xff", "U8", {0}, {}}});
}

TEST(Safetensors, AsksForTensorsByNameAndType) {
  const SafetensorsFile file = {.tensors = {{"a", "U8", {4}, {1, 2, 3, 4}}}};
  EXPECT_THROW(file.at("b"), Error);
  EXPECT_THROW(file.at("a").floats(), Error);
}

}  // namespace
}  // namespace tailor::internal
