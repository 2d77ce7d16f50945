#pragma once

#include <cstdint>

namespace tailor::internal {

std::uint64_t peak_memory_bytes();  // largest resident set of this process so far

}  // namespace tailor::internal
