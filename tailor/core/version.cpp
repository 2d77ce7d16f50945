#include "tailor/core/version.hpp"

#ifndef TAILOR_COMMIT
#define TAILOR_COMMIT "unknown"
#endif

namespace tailor::internal {

const char* version() {
  return TAILOR_VERSION;
}

const char* commit() {
  return TAILOR_COMMIT;
}

}  // namespace tailor::internal
