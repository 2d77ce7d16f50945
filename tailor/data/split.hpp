// The parts of a data set: what is trained on, what the finished model is tested on once, and what
// may be looked at in between.
#pragma once

namespace tailor::internal {

enum class Split { kTrain, kTest, kValidation };

inline const char* to_string(Split split) {
  switch (split) {
    case Split::kTrain:
      return "train";
    case Split::kTest:
      return "test";
    case Split::kValidation:
      break;
  }
  return "validation";
}

}  // namespace tailor::internal
