#include "tailor/ops/own/bf16/ops.hpp"

namespace tailor::internal::bf16 {

bool available() {
  return best_target() == Target::kAvx512Bf16;
}

}  // namespace tailor::internal::bf16
