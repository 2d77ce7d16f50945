#include "tailor/ops/choices/kernel_choices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tests/own_folder.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using ::testing::HasSubstr;

CpuInfo some_cpu() {
  CpuInfo cpu;
  cpu.name = "Some CPU \"X\" @ 3 GHz";
  cpu.vector_isa = "AVX2";
  cpu.library = "oneDNN 2.6.3";
  return cpu;
}

constexpr const char* kConv = "conv 3x3 32->64 @14x14 pool f32";

KernelChoices some_choices() {
  KernelChoices choices;
  choices.precision = Precision::kF32;
  choices.operations = {{kConv, Kernels::kLibrary}, {"dense 64->128 @7x7 f32", Kernels::kOwn}};
  return choices;
}

KernelChoices parse(const std::string& toml) {
  return parse_kernel_choices(toml, "kernels.toml", some_cpu());
}

std::string message_of(const std::string& toml) {
  return refusal_of([&] { parse(toml); });
}

// A sound table with one line put in the place of another.
std::string table_with(const std::string& line, const std::string& instead) {
  std::string toml = to_toml(some_choices(), some_cpu());
  const std::size_t at = toml.find(line);
  EXPECT_NE(at, std::string::npos) << line;
  return toml.replace(at, line.size(), instead);
}

TEST(KernelChoices, ComeBackFromTheirFile) {
  const std::string toml = to_toml(some_choices(), some_cpu());
  const KernelChoices back = parse(toml);
  EXPECT_EQ(back.operations, some_choices().operations);
  EXPECT_EQ(back.precision, Precision::kF32);
  EXPECT_EQ(back.warning, "");
  EXPECT_EQ(back.file, "kernels.toml");
  EXPECT_EQ(back.origin.size(), 64u);
  EXPECT_NE(back.origin, parse(toml + "# another file\n").origin);
  EXPECT_EQ(back.of(kConv), Kernels::kLibrary);
  EXPECT_EQ(back.of("conv 3x3 32->64 @14x14 f32"), Kernels::kOwn);
}

TEST(KernelChoices, OfAnotherMachineAreNotUsed) {
  const std::string toml = to_toml(some_choices(), some_cpu());
  for (std::string CpuInfo::*fact : {&CpuInfo::name, &CpuInfo::vector_isa, &CpuInfo::library}) {
    CpuInfo other = some_cpu();
    other.*fact = "another";
    const KernelChoices choices = parse_kernel_choices(toml, "kernels.toml", other);
    EXPECT_THAT(choices.warning, HasSubstr("kernels.toml is not used"));
    EXPECT_THAT(choices.warning, HasSubstr("another"));
    EXPECT_EQ(choices.origin, "default");
    EXPECT_EQ(choices.file, "");
    EXPECT_FALSE(choices.precision);
    EXPECT_EQ(choices.of(kConv), Kernels::kOwn);
  }
}

TEST(KernelChoices, RefuseWhatIsNoTable) {
  EXPECT_THAT(message_of("format = "), HasSubstr("kernels.toml:1: "));
  EXPECT_THAT(message_of("cpu = \"x\"\n"), HasSubstr("format = 1 is missing"));
  EXPECT_THAT(message_of(table_with("format = 1", "format = 2")), HasSubstr("format must be 1"));
  EXPECT_THAT(message_of(table_with("isa = \"AVX2\"", "")), HasSubstr("isa is missing"));
  EXPECT_THAT(message_of(table_with("isa = \"AVX2\"", "isa = 2")),
              HasSubstr("kernels.toml:4: isa"));
  EXPECT_THAT(message_of(table_with("\"f32\"", "\"int8\"")), HasSubstr("precision must be"));
  EXPECT_THAT(message_of(table_with("\"f32\"", "\"bf16\"")), HasSubstr("does not multiply"));
  EXPECT_THAT(message_of(table_with("isa", "speed = 3\nisa")), HasSubstr("unknown key speed"));
  EXPECT_THAT(message_of(table_with("\"library\"", "\"best\"")), HasSubstr("\"own\" or"));
  EXPECT_THAT(message_of(table_with("@14x14 pool", "@14 pool")), HasSubstr("is no operation"));
  EXPECT_THAT(message_of("format = 1\ncpu = \"\"\nisa = \"\"\nlibrary = \"\"\nkernels = 3\n"),
              HasSubstr("kernels.toml:5: kernels must be a table"));
}

TEST(KernelChoices, NameAnOperationByWhatDecides) {
  ConvConfig c{.filters = 64, .pad = {1, 1, 1, 1}};
  const Shape src = {32, 14, 14};
  EXPECT_EQ(operation_key(c, src, Precision::kBf16), "conv 3x3 32->64 @14x14 bf16");
  c.relu = c.pools = true;
  EXPECT_EQ(operation_key(c, src, Precision::kF32), kConv);
  c.pad = {};
  EXPECT_EQ(operation_key(c, src, Precision::kF32), "conv 3x3 32->64 @14x14 to 12x12 pool f32");
  c = {.filters = 8, .kernel_h = 5, .stride_h = 2, .stride_w = 2, .pad = {2, 2, 1, 1}};
  EXPECT_EQ(operation_key(c, {3, 28, 20}, Precision::kF32), "conv 5x3/2 3->8 @28x20 f32");
  c.stride_w = 1;
  EXPECT_EQ(operation_key(c, {3, 28, 20}, Precision::kF32), "conv 5x3/2x1 3->8 @28x20 f32");
  EXPECT_EQ(operation_key(DenseConfig{128}, {64, 7, 7}, Precision::kF32), "dense 64->128 @7x7 f32");
  EXPECT_EQ(operation_key(DenseConfig{10}, {128, 1, 1}, Precision::kBf16), "dense 128->10 bf16");
}

TEST(KernelChoices, AreFoundWhereTheEnvironmentSays) {
  const OwnFolder folder;
  const std::filesystem::path file = folder / "kernels.toml";
  const CpuInfo cpu = some_cpu();
  EXPECT_EQ(find_kernel_choices("", "", cpu).origin, "default");
  EXPECT_EQ(find_kernel_choices("", file, cpu).origin, "default");
  EXPECT_THROW(find_kernel_choices(file.string(), "", cpu), Error);
  write_file_atomic(file, to_toml(some_choices(), cpu));
  EXPECT_EQ(find_kernel_choices("", file, cpu).file, file);
  EXPECT_EQ(find_kernel_choices(file.string(), "", cpu).of(kConv), Kernels::kLibrary);
  EXPECT_EQ(find_kernel_choices("default", file, cpu).origin, "default");
  const KernelChoices library = find_kernel_choices("library", file, cpu);
  EXPECT_EQ(library.origin, "library");
  EXPECT_EQ(library.of(kConv), Kernels::kLibrary);
  EXPECT_FALSE(library.precision);
  // A home that cannot be read, even by root, is one without a table.
  std::filesystem::create_symlink("loop", folder / "loop");
  EXPECT_EQ(find_kernel_choices("", folder / "loop" / "kernels.toml", cpu).origin, "default");
}

// What runs a convolution's or dense layer's forward half.
std::string implementation(const OpConfig& config, const Shape& shape, Precision precision) {
  Engine engine(1);
  Tensor src(shape, 2, Layout::kBlocked, precision, engine.lanes(), true);
  Tensor dst(output_shape(config, shape), 2, Layout::kBlocked, precision, engine.lanes(), true);
  return make_op(config, {engine, src, dst, true})->implementation(OpPhase::kForward);
}

TEST(KernelChoices, SwitchTheKernelsOfAnOperation) {
  std::vector<Precision> precisions = {Precision::kF32};
  if (best_target() == Target::kAvx512Bf16) precisions.push_back(Precision::kBf16);
  for (const Precision precision : precisions) {
    ConvConfig conv{.filters = 16, .pad = {1, 1, 1, 1}};
    DenseConfig dense{.units = 16};
    const std::string own_conv = implementation(conv, {16, 8, 8}, precision);
    const std::string own_dense = implementation(dense, {16, 4, 4}, precision);
    conv.kernels = dense.kernels = Kernels::kLibrary;
    EXPECT_NE(implementation(conv, {16, 8, 8}, precision), own_conv);
    EXPECT_NE(implementation(dense, {16, 4, 4}, precision), own_dense);
    EXPECT_FALSE(conv_pools({.filters = 16, .relu = true, .kernels = Kernels::kLibrary},
                            {.src = {16, 8, 8}, .precision = precision}));
  }
}

}  // namespace
}  // namespace tailor::internal
