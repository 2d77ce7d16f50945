// From a finished run to the records its report is made of.
#pragma once

#include "tailor/report/run/report.hpp"
#include "tailor/study/run_study.hpp"
#include "tailor/study/search_study.hpp"

namespace tailor::internal {

// Some images of every class as one picture of bounded size: three rows of thirty images per class
// where they are small and few.
Image overview_sprite(const Dataset& set);

// `run` is changed by nothing but running its final model on one image, for the anatomy.
ReportData report_data(const FinishedRun& run, const Study& study, const Metrics& metrics,
                       const RunTimings& timings);

// Of a search on its own: its table and charts, and the refitted model, which no test set saw.
ReportData search_report_data(const SearchOutcome& outcome, const Study& study,
                              const RunTimings& timings);

}  // namespace tailor::internal
