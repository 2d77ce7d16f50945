// What every call of tailor.hpp passes on its way in and out. For the files of api/ alone.
#pragma once

#include <cfenv>
#include <filesystem>
#include <system_error>

#include "tailor/core/error.hpp"

namespace tailor::internal {

// While it lives the calling thread may be changed: how it treats denormals, and its number of
// OpenMP threads. Both are the caller's.
class CallersThread {
 public:
  CallersThread();
  ~CallersThread();
  CallersThread(const CallersThread&) = delete;

 private:
  std::fenv_t floats_;  // denormals are in it
  int threads_;
};

// call(), of which only Error, bad_alloc and what callbacks throw come out.
template <typename Call>
auto at_border(Call call) {
  const CallersThread as_it_was;
  try {
    return call();
  } catch (const std::filesystem::filesystem_error& error) {
    throw bad_input("cannot use " + error.path1().string() + ": " + error.code().message());
  } catch (const std::system_error& error) {
    throw failure(error.what());
  }
}

}  // namespace tailor::internal
