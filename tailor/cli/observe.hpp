// The terminal as a study's observer: lines, bars, Ctrl-C.
#pragma once

#include "tailor/cli/console.hpp"
#include "tailor/study/observer.hpp"

namespace tailor::internal {

// `console` and `stop` must outlive it.
Observer observe_on(Console& console, const StopFlag& stop);

}  // namespace tailor::internal
