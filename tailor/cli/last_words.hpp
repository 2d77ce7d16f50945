// How the program ends where nothing can be made any more, not even a line.
#pragma once

#include <string_view>

namespace tailor::internal {

inline constexpr std::string_view kOutOfMemory =
    "out of memory; a smaller batch, model or number of parallel trials needs less";

// One line for the exception that is being handled, out of memory or whatever it is; status 1.
// Allocates nothing.
int last_words() noexcept;

}  // namespace tailor::internal
