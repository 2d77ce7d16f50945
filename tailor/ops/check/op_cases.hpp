// The table of operation cases. A new operation adds its rows here and gets its tests from that:
// forward and every gradient against the naive reference (whose own gradients are checked by
// differences), in f32 and bf16, on one and two threads, padded lanes zero, no reference kernel.
#pragma once

#include <string>
#include <vector>

#include "tailor/ops/op.hpp"

namespace tailor::internal {

struct OpCase {
  std::string name;  // a word for the test: ConvSameStride2
  OpConfig config;
  Shape src;
  int batch = 2;
  bool plain_source = false;  // 1 or 3 channels, unpadded
};

std::vector<OpCase> op_cases();

}  // namespace tailor::internal
