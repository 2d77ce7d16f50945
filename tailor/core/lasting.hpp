// What decides whether a training that ended in an error has a result.
#pragma once

#include "tailor/core/error.hpp"

namespace tailor::internal {

// Lasting: the same training ends so again, since its net and its options are what they are (it
// diverges, it is too large for this machine), and its reason is kept as its result. All else
// passes (memory or threads that others took, a disk that was full): nothing is concluded from it,
// and the same command goes on. Whatever is no Error passes.
inline bool is_lasting(const Error& error) {
  return error.kind() == ErrorKind::kBadInput;
}

}  // namespace tailor::internal
