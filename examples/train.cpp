// Trains a small net on images that the program makes itself, shows how it goes, and ends early,
// with everything kept, on Ctrl-C:
//   train MODEL.safetensors
#include <tailor/tailor.hpp>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <random>

namespace {

tailor::StopFlag stop;

// 16x16 noise with a bright bar across the middle, lying or standing.
tailor::Dataset bars(std::size_t count) {
  constexpr std::size_t kSide = 16;
  std::mt19937 random(1);
  tailor::Dataset set{.shape = {.channels = 1, .height = kSide, .width = kSide},
                      .pixels = {},
                      .labels = {},
                      .class_names = {"lying", "standing"}};
  for (std::size_t i = 0; i < count; ++i) {
    const bool stands = random() % 2 == 1;
    set.labels.push_back(stands);
    for (std::size_t at = 0; at < kSide * kSide; ++at) {
      const std::size_t across = stands ? at % kSide : at / kSide;
      const bool in_bar = across == 7 || across == 8;
      set.pixels.push_back(std::uint8_t(random() % 128 + (in_bar ? 64 : 0)));
    }
  }
  return set;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: train MODEL.safetensors\n");
    return 2;
  }
  const std::filesystem::path file = argv[1], unfinished = file.string() + ".unfinished";
  std::signal(SIGINT, [](int) { stop.request(); });
  tailor::Observer observer;
  observer.stop = &stop;
  observer.on_epoch = [](std::string_view, const tailor::Epoch& epoch) {
    std::printf("epoch %d: loss %.4f, accuracy %.4f\n", epoch.epoch, epoch.loss, epoch.accuracy);
  };
  try {
    tailor::Experiment experiment;
    experiment.set("model.kernels", 8).set("train.epochs", 4).set("train.batch", 32);
    const auto model = tailor::train(experiment, bars(2000), observer, unfinished);
    if (!model) {
      std::printf("stopped; call it again to go on\n");
      return 1;
    }
    model->save(file);
    std::filesystem::remove(unfinished);
    std::printf("%s: %zu parameters\n", file.c_str(), model->parameters());
  } catch (const tailor::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
