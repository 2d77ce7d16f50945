// The way from what tailor.hpp shows to what stands behind it, and what must be checked on it.
// For the files of api/ alone.
#pragma once

#include <memory>
#include <utility>

#include "tailor/study/model.hpp"
#include "tailor/study/observer.hpp"
#include "tailor/tailor.hpp"

namespace tailor::internal {

struct Access {
  static const Experiment& of(const tailor::Experiment& shown) { return *shown.inside_; }
  static const std::shared_ptr<const Model>& of(const tailor::Model& shown) {
    return shown.inside_;
  }
  static tailor::Experiment show(Experiment experiment) {
    tailor::Experiment shown;
    *shown.inside_ = std::move(experiment);
    return shown;
  }
  static tailor::Model show(Model model) {
    return tailor::Model(std::make_shared<const Model>(std::move(model)));
  }
};

// `shown` must outlive it.
Observer observe(const tailor::Observer& shown);

// Throws bad_input for what no reader of files would let through: sizes that do not fit each other,
// images of no size or with neither 1 nor 3 channels, labels without a class, no images.
void check_dataset(const Dataset& set);

}  // namespace tailor::internal
