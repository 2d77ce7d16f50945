// TAILOR_API marks what the shared library exports: what tailor/tailor.hpp promises. All else is
// compiled with hidden visibility.
#pragma once

#define TAILOR_API __attribute__((visibility("default")))
