// search.error_score, read once: what becomes of a trial whose fit failed.
#pragma once

#include <limits>
#include <string>

namespace tailor::internal {

struct ErrorScore {
  double score = std::numeric_limits<double>::quiet_NaN();  // the trial's, in place of a real one
  bool raise = false;                                       // the failure ends the search instead
};

// "nan", "raise" or a finite number. Throws bad_input for anything else.
ErrorScore parse_error_score(const std::string& text);

}  // namespace tailor::internal
