// TAILOR_CLONES before a plain function compiles it for three kinds of CPU; the loader picks one.
// For a loop or two outside ops/, where a file per target (target/begin.hpp) would be too much.
// Lambdas, templates and parallel regions inside are not cloned: keep those outside, and the loop
// in. Sums may come out in another order on another kind of CPU; all else is the same to the bit,
// since multiply-adds are not fused (cmake/folder.cmake).
#pragma once

// Sanitizers instrument the function that picks, which runs before they are ready.
#if defined(TAILOR_X86_TARGETS) && !defined(TAILOR_SANITIZED)
#define TAILOR_CLONES \
  __attribute__((noinline, target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define TAILOR_CLONES
#endif
