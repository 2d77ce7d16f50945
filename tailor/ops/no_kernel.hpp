// What make_op() throws where there is no kernel for an operation.
#pragma once

#include "tailor/core/error.hpp"

namespace tailor::internal {

// Neither we nor the library have one, which no other try changes. What passes is another
// exception: bad_alloc, and failure for what else the library says.
class NoKernel : public Error {
 public:
  NoKernel()
      : Error(ErrorKind::kBadInput,
              "neither Tailor nor the convolution library has a kernel for it on this CPU") {}
};

}  // namespace tailor::internal
