// Every reader that takes bytes of a stranger, as a function of these bytes: what the fuzzer calls
// (fuzzer.cpp) and what the tests replay the committed inputs through (replay.cpp).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tailor::internal::fuzz {

// Returns where the bytes are read or refused with an Error. Anything else, an exception of another
// kind, a crash or a hang, is a fault. What was read is used: written again, drawn, trained on.
using Target = void (*)(std::span<const std::uint8_t> bytes);

struct NamedTarget {
  std::string_view name;  // of its folder in fuzz/corpus
  Target run;
};

std::span<const NamedTarget> targets();

}  // namespace tailor::internal::fuzz
