// What a call that must be refused says.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tailor/core/error.hpp"

namespace tailor::internal {

// The message of the Error that `call` throws, which must be of this kind and one line; empty where
// it throws none.
template <typename Call>
std::string refusal_of(Call call, ErrorKind kind = ErrorKind::kBadInput) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  return "";
}

}  // namespace tailor::internal
