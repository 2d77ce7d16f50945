#include "tailor/ops/bf16/ops.hpp"
#include "tailor/ops/kernels.hpp"

namespace tailor::bf16 {

bool available() {
  return own_kernels_wanted() && best_target() == Target::kAvx512Bf16;
}

}  // namespace tailor::bf16
