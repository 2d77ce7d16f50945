// Opens the region in which these files use AVX-512 with bf16: included last, after every header
// that other files share, and closed by end.hpp. An inline function of a shared header must never
// be compiled in here: the linker keeps one copy of it for the whole program, which may then run on
// a CPU that lacks the instructions. What calls into the region asks available() first.
#include <immintrin.h>

#include "tailor/ops/own/values.hpp"

#pragma GCC push_options
#pragma GCC target("avx2,fma,bmi,bmi2,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")
// GCC 12 warns inside its own header (bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
