#include "tailor/cli/observe.hpp"

#include <memory>

#include "tailor/cli/progress.hpp"

namespace tailor::internal {

// Every bar belongs to the hooks that draw it, and is wiped with them.
Observer observe_on(Console& console, const StopFlag& stop) {
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
  observer.stop = &stop;
  return observer;
}

}  // namespace tailor::internal
