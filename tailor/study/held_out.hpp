// What nets say of images they did not train on: one row of class probabilities for every training
// image, put together from the folds of a cross-validation. The ground for finding wrong labels.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tailor/data/dataset.hpp"
#include "tailor/study/cross_validation.hpp"

namespace tailor::internal {

// Images x classes in the order of the training set, from the predictions that a search left in its
// store (open, as run_search leaves it). nullopt where a fold has none (the candidate is not the
// best one, its fit failed, an older tailor ran it), or where the folds do not hold out every image
// exactly once. Throws bad_input where what is stored is not of these folds and classes.
std::optional<std::vector<float>> out_of_fold_probabilities(const SearchPlan& plan,
                                                            StudyStore& store, int candidate,
                                                            int classes);

// The same without a search: trains the experiment's model ([model], [train] with the epochs of
// [search], cv, parallel, seed, precision) once for each fold, on one core each where
// search.threads_per_trial is 1. Equal for any number of trials at a time. nullopt when stopped.
// Throws what stratified_folds and a failed fit throw.
std::optional<std::vector<float>> cross_validated_probabilities(const Experiment& experiment,
                                                                const Dataset& train,
                                                                const SearchHooks& hooks);

// What to give cross_validated_probabilities where no search has run: a small net, 3 folds (2 where
// a class has but 2 images), and as many epochs as 120,000 images make, 2 to 60. On Fashion-MNIST
// 23 core seconds and 89.5 % of the images right.
Experiment quick_judges(const Dataset& train, std::uint64_t seed);

}  // namespace tailor::internal
