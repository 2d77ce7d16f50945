// An experiment to begin with, for a set of images that was looked at.
#pragma once

#include <string>

#include "tailor/study/experiment/experiment.hpp"
#include "tailor/study/observer.hpp"

namespace tailor::internal {

// The text of an experiment file, commented: the size the net sees, a net, epochs and folds that
// suit so many images of so many classes. `file` is where it will stand. Makes the images ready on
// the way. Throws bad_input for what cannot be trained on.
std::string first_experiment(const std::string& name, const std::string& file,
                             const DataOptions& data, const Observer& observer);

}  // namespace tailor::internal
