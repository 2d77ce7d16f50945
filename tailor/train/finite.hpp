// Numbers that left the range of floats, infinities and what is no number, are found before they
// are saved, when they are read, and before an answer is given.
#pragma once

#include <span>
#include <string>

#include "tailor/core/error.hpp"
#include "tailor/nn/params.hpp"

namespace tailor::internal {

bool all_finite(std::span<const float> values);

// The name of the first tensor of the weights or the state that holds a value that is not finite;
// "" where there is none.
std::string first_not_finite(const Params& params);

// Of a training whose numbers left the range: it cannot go on.
class Diverged : public Error {
 public:
  using Error::Error;
};

// `what` is no number in this epoch (from 1).
Diverged diverged(int epoch, const std::string& what);

// Throws bad_input where a probability is no number: the weights are finite, but too large.
void check_answers(std::span<const float> probabilities, int classes);

}  // namespace tailor::internal
