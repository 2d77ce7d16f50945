// The one exception type: something a user can mend.
#pragma once

#include <stdexcept>
#include <string>

#include "tailor/core/api.hpp"

namespace tailor {

// What kind of mistake it was; the command line turns it into an exit status.
enum class ErrorKind {
  kBadInput,  // the user's data, options or files are wrong: exit status 2
  kFailure,   // the machine failed us (disk full, file unreadable, out of memory): exit status 1
};

// The message is one line without a trailing period: what is wrong, where, and what to do about it.
class TAILOR_API Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

// `throw bad_input(fmt::format(...))` and `throw failure(...)` read as what they mean.
inline Error bad_input(const std::string& message) {
  return {ErrorKind::kBadInput, message};
}
inline Error failure(const std::string& message) {
  return {ErrorKind::kFailure, message};
}

}  // namespace tailor
