// Where the time of a run went.
#pragma once

#include <string>

#include "tailor/report/run/report.hpp"

namespace tailor::internal {

// The inside of the section; "" where nothing was timed.
std::string time_part(const ReportData& data);

}  // namespace tailor::internal
