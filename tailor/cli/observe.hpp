// The terminal as a study's observer: lines, bars, Ctrl-C.
#pragma once

#include <string>

#include "tailor/cli/console.hpp"
#include "tailor/cli/interruption.hpp"
#include "tailor/study/observer.hpp"

namespace tailor::internal {

// `console` and `interruption` must outlive it. `again`: what to type to go on.
Observer observe_on(Console& console, Interruption& interruption, const std::string& again);

}  // namespace tailor::internal
