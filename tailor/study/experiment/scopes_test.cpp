// Every option is in the digests that its scope says, and in no other.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tailor/ops/engine.hpp"
#include "tailor/study/cross_validation.hpp"
#include "tailor/study/experiment/experiment.hpp"

namespace tailor::internal {
namespace {

// What is not training's. An option that is missing here and is no training's fails the test.
const std::map<std::string, Scope> kOthers = {
    {"name", Scope::kName},
    {"out", Scope::kMachine},
    {"threads", Scope::kMachine},
    {"data.dir", Scope::kSource},
    {"data.train_limit", Scope::kImages},
    {"data.test_limit", Scope::kImages},
    {"data.class_names", Scope::kImages},
    {"data.transpose", Scope::kImages},
    {"data.invert", Scope::kImages},
    {"data.bad_files", Scope::kImages},
    {"data.group", Scope::kImages},
    {"data.test_size", Scope::kImages},
    {"data.validation_size", Scope::kImages},
    {"data.random_state", Scope::kImages},
    {"data.cache", Scope::kMachine},
    {"image.size", Scope::kImages},
    {"image.channels", Scope::kImages},
    {"image.fit", Scope::kImages},
    {"image.filter", Scope::kImages},
    {"image.background", Scope::kImages},
    {"image.upright", Scope::kImages},
    {"first.epochs", Scope::kStages},
    {"final.epochs", Scope::kStages},
    {"final.calibration", Scope::kStages},
    {"final.reject_precision", Scope::kStages},
    {"search.parallel", Scope::kMachine},
    {"report.points", Scope::kPage},
};

Scope expected_scope(const std::string& path) {
  const auto found = kOthers.find(path);
  if (found != kOthers.end()) return found->second;
  return path.starts_with("search.") ? Scope::kSearch : Scope::kTraining;
}

struct OtherValue {
  const Field& field;
  void operator()(bool* value) const { *value = !*value; }
  void operator()(int* value) const { *value += *value + 1 <= field.max ? 1 : -1; }
  void operator()(std::uint64_t* value) const { ++*value; }
  void operator()(double* value) const {
    *value = *value / 2 != *value && *value / 2 >= field.min ? *value / 2 : field.min + 0.25;
  }
  void operator()(std::string* value) const {
    if (field.choices.empty()) {
      *value += "x";
    } else {
      *value = field.choices.front() == *value ? field.choices.back() : field.choices.front();
    }
  }
  void operator()(std::vector<int>* value) const { value->push_back(1); }
  void operator()(std::vector<std::string>* value) const { value->push_back("x"); }
};

// "auto" is what f32 or bf16 is here, and nothing else can be asked of a CPU without bf16.
bool can_differ(const std::string& path) {
  return path != "precision" || cpu_info().native_bf16;
}

TEST(Scopes, PutEveryOptionIntoTheDigestsItDecides) {
  Experiment before;
  before.precision = "f32";
  Experiment after = before;
  for (const Field& field : fields_of(after)) {
    EXPECT_EQ(unsigned(field.scope), unsigned(expected_scope(field.path))) << field.path;
    if (!can_differ(field.path)) continue;
    const Experiment kept = after;
    if (field.path == "precision") {
      after.precision = "bf16";
    } else if (field.path == "train.class_weight") {
      after.train.class_weight = "balanced";
    } else {
      std::visit(OtherValue{field}, field.target);
    }
    ASSERT_NE(to_toml(after), to_toml(before)) << field.path;
    const auto in = [&](Scopes scopes) { return scopes.contains(field.scope); };
    EXPECT_EQ(study_key(after, "images") != study_key(before, "images"), in(kSameSearch))
        << field.path;
    EXPECT_EQ(difference(before, after, kSameRun) != "", in(kSameRun)) << field.path;
    EXPECT_EQ(difference(before, after, Scope::kTraining) != "", in(Scope::kTraining))
        << field.path;
    EXPECT_EQ(toml_of(after, kPortable) != toml_of(before, kPortable), in(kPortable)) << field.path;
    after = kept;
  }
}

TEST(Scopes, KeepTheKeyOfStudiesThatOlderBuildsBegan) {
  Experiment experiment;
  experiment.precision = "f32";
  const std::string text = to_toml(within(kSameSearch, experiment));
  EXPECT_NE(text.find("name = \"\"\n"), std::string::npos);
  EXPECT_NE(text.find("dir = \"/usr/share/datasets/fashion-mnist\"\n"), std::string::npos);
}

TEST(Scopes, SearchSpacesAreTheSearchs) {
  Experiment experiment;
  experiment.search.spaces = {{{"model.kernels", Choices{Value(std::int64_t(8))}}}};
  EXPECT_EQ(difference({}, experiment, Scope::kTraining), "");
  EXPECT_EQ(difference({}, experiment, kSameRun), "the search space differs");
}

}  // namespace
}  // namespace tailor::internal
