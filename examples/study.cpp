// Runs a whole study from an experiment file and then looks at its final model:
//   study EXPERIMENT.toml
#include <tailor/tailor.hpp>

#include <cstdio>

namespace {

tailor::Observer observer_on_terminal() {
  tailor::Observer observer;
  observer.note = [](std::string_view line) {
    std::printf("%.*s\n", int(line.size()), line.data());
  };
  observer.warn = observer.note;
  observer.on_trial = [](const tailor::SearchProgress& now) {
    std::printf("search: %d of %d trainings, best %.4f\n", now.done, now.total, now.best_score);
  };
  return observer;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: study EXPERIMENT.toml\n");
    return 2;
  }
  try {
    const auto experiment = tailor::Experiment::read(argv[1]);
    const auto result = tailor::run_study(experiment, observer_on_terminal());
    if (!result) return 1;
    for (const auto& [option, value] : result->best_settings) {
      std::printf("%s = %s\n", option.c_str(), tailor::to_text(value).c_str());
    }
    std::printf("test accuracy %.4f, with random settings %.4f\n", result->final_accuracy,
                result->first_accuracy);
    const auto model = tailor::Model::load(result->folder);
    std::printf("%s: %zu parameters, %zu classes\n", result->folder.c_str(), model.parameters(),
                model.class_names().size());
  } catch (const tailor::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
