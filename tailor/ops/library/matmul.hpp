// Matrix products on the library's kernels, for work that is no network: neighbours, projections.
#pragma once

#include <cstdint>

#include "tailor/ops/engine.hpp"

namespace tailor::internal {

// out (rows x columns) = a (rows x inner) * b^T (b: columns x inner), row-major f32, leading
// dimensions as given (>= the row's length). Single-threaded: callers share out blocks among their
// threads, which keeps every sum in one order.
void multiply_transposed(const float* a, std::int64_t lda, const float* b, std::int64_t ldb,
                         float* out, std::int64_t ldo, std::int64_t rows, std::int64_t columns,
                         std::int64_t inner);

}  // namespace tailor::internal
