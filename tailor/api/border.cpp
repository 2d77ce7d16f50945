#include "tailor/api/border.hpp"

#include <omp.h>

namespace tailor::internal {

CallersThread::CallersThread() : threads_(omp_get_max_threads()) {
  std::fegetenv(&floats_);
}

CallersThread::~CallersThread() {
  std::fesetenv(&floats_);
  omp_set_num_threads(threads_);
}

}  // namespace tailor::internal
