// Loads a model and says what it sees in pictures:
//   predict RUN_OR_MODEL PICTURE...        PNG or JPEG files of the size the model was trained on
#include <tailor/tailor.hpp>

#include <algorithm>
#include <cstdio>

namespace {

void classify(tailor::Predictor& predictor, const tailor::Model& model, const char* file) {
  const std::vector<std::uint8_t> pixels = tailor::load_image(file, model.input());
  const std::vector<float> probabilities = predictor.predict(pixels);
  const auto best = std::ranges::max_element(probabilities);
  const auto which = std::size_t(best - probabilities.begin());
  std::printf("%s: %s, %.1f %%\n", file, model.class_names()[which].c_str(), 100 * *best);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: predict RUN_OR_MODEL PICTURE...\n");
    return 2;
  }
  try {
    const tailor::Model model = tailor::Model::load(argv[1]);
    tailor::Predictor predictor(model);
    for (int i = 2; i < argc; ++i) classify(predictor, model, argv[i]);
  } catch (const tailor::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
