// From here to target/end.hpp a file is compiled for one kind of CPU, which its build names:
// TAILOR_TARGET is baseline, avx2, avx512 or avx512_bf16, and cmake/folder.cmake builds the file
// once for each. One binary holds them all and chooses at run time (ops/makers.cpp).
//
// Two rules keep this safe; tools/check_portable disassembles what was built and sees to both:
//
// * Include it after every header of the language, the libraries and the project that is not itself
//   per target. Flags for the whole file would compile std::vector's functions for AVX-512 too, and
//   the linker, which keeps one copy of each, might keep that one for everybody. A region compiles
//   only what is written in it.
// * What is written in it lies in namespace tailor::internal::TAILOR_TARGET, so that no target's
//   function has another's name.
//
// Off x86, and with compilers whose regions do not reach templates and lambdas (Clang), there is
// only the baseline, for which this header does nothing.
#pragma GCC push_options
#if defined(TAILOR_TARGET_AVX2)
#pragma GCC target("arch=x86-64-v3")
#elif defined(TAILOR_TARGET_AVX512)
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
#elif defined(TAILOR_TARGET_AVX512_BF16)
#pragma GCC target("arch=x86-64-v4,avx512bf16,prefer-vector-width=512")
#elif !defined(TAILOR_TARGET_BASELINE)
#error "this file is compiled without a target: cmake/folder.cmake"
#endif
