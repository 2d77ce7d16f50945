#include "tailor/cli/observe.hpp"

#include <memory>

#include "tailor/cli/progress.hpp"

namespace tailor::internal {

// Every bar belongs to the hooks that draw it, and is wiped with them.
Observer observe_on(Console& console, Interruption& interruption, const std::string& again) {
  Observer observer;
  observer.note = [&console](std::string_view line) { console.note(line); };
  observer.warn = [&console](std::string_view line) { console.warn(line); };
  observer.training = [&console](const std::string& what) {
    return show_training(std::make_shared<Progress>(console), what);
  };
  observer.searching = [&console](const std::string& what, int folds) {
    return show_search(std::make_shared<Progress>(console), what, folds);
  };
  observer.mapping = [&console](const std::string& what) {
    return show_map(std::make_shared<Progress>(console), what);
  };
  observer.working = [&console](std::string_view what) { console.busy(what); };
  observer.saves = [&interruption, again](bool saves) {
    if (saves) {
      interruption.save_first();
    } else {
      interruption.end_at_once("interrupted; everything is saved, go on with: " + again);
    }
  };
  observer.stop = &interruption.stop();
  return observer;
}

}  // namespace tailor::internal
