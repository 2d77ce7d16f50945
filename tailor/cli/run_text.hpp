// What a person sees of a finished run on the terminal.
#pragma once

#include "tailor/cli/console.hpp"
#include "tailor/study/run_study.hpp"

namespace tailor {

// The closing table on stdout, or one JSON object: the metrics, the timings, the files.
void show_run(Console& console, const StudyResult& run, const RunFiles& files);

}  // namespace tailor
