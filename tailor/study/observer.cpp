#include "tailor/study/observer.hpp"

namespace tailor::internal {

void Observer::say(std::string_view line) const {
  if (note) note(line);
}

void Observer::caution(std::string_view line) const {
  if (warn) warn(line);
}

void Observer::work_on(std::string_view what) const {
  if (working) working(what);
}

void Observer::save_when_stopped(bool wanted) const {
  if (saves) saves(wanted);
}

FitHooks Observer::hooks_for_training(const std::string& what) const {
  FitHooks hooks = training ? training(what) : FitHooks{};
  hooks.stop = stop;
  return hooks;
}

TsneHooks Observer::hooks_for_mapping(const std::string& what) const {
  TsneHooks hooks = mapping ? mapping(what) : TsneHooks{};
  hooks.stop = stop;
  return hooks;
}

OnStudyProgress Observer::hook_for_searching(const std::string& what, int folds) const {
  return searching ? searching(what, folds) : OnStudyProgress();
}

}  // namespace tailor::internal
