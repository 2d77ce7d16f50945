#include "tailor/ops/library/matmul.hpp"

#include <omp.h>

#include "tailor/core/error.hpp"
#include "tailor/ops/library/onednn.hpp"

namespace tailor::internal {

namespace {

// The library splits sums among the threads it believes it has; with one there is one order.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;

 private:
  int before_;
};

}  // namespace

void multiply_transposed(const float* a, std::int64_t lda, const float* b, std::int64_t ldb,
                         float* out, std::int64_t ldo, std::int64_t rows, std::int64_t columns,
                         std::int64_t inner) {
  const OneThread one;
  const LibraryCall counted_apart;
  const dnnl_status_t status =
      dnnl_sgemm('N', 'T', rows, columns, inner, 1.f, a, lda, b, ldb, 0.f, out, ldo);
  if (status != dnnl_success) throw failure("the library failed to multiply two matrices");
}

}  // namespace tailor::internal
