#include "tailor/api/border.hpp"

#include <omp.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace tailor::internal {

#if defined(__SSE2__)
CallersThread::CallersThread() : denormals_(_mm_getcsr()), threads_(omp_get_max_threads()) {}
CallersThread::~CallersThread() {
  _mm_setcsr(denormals_);
  omp_set_num_threads(threads_);
}
#else
CallersThread::CallersThread() : denormals_(0), threads_(omp_get_max_threads()) {}
CallersThread::~CallersThread() {
  omp_set_num_threads(threads_);
}
#endif

}  // namespace tailor::internal
