#include "tailor/study/first_experiment.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/core/shell.hpp"
#include "tailor/core/text.hpp"
#include "tailor/core/toml.hpp"
#include "tailor/data/rows.hpp"
#include "tailor/study/ready_data.hpp"

namespace tailor::internal {
namespace {

constexpr double kSteps = 2500;  // of the final training, about: minutes on two cores
constexpr int kFirstBatch = 64;
// 4,494 images of CIFAR-10, 112 to 795 of a class, 30 epochs: 51.9 % of the test without, 57.7 with
// a translation by a sixteenth of the side, 59.5 with flips as well; with class_weight = "balanced"
// 51.5 and 60.1 (three seeds, standard deviations 0.02 to 1.1).
constexpr int kShareOfSide = 16;

struct SetInNumbers {
  std::size_t images = 0;
  std::int64_t fewest = 0, most = 0;  // of a class
  std::string rarest;
};

SetInNumbers numbers_of(const Dataset& set) {
  const std::vector<std::int64_t> counts = class_counts(set);
  const auto [least, most] = std::ranges::minmax_element(counts);
  return {set.size(), *least, *most, set.class_names[std::size_t(least - counts.begin())]};
}

}  // namespace

std::string first_experiment(const std::string& name, const std::string& file,
                             const DataOptions& data, const Observer& observer) {
  ReadyData ready(data, 0, observer);
  const ReadyPart train = ready.part(Split::kTrain);
  const SetInNumbers set = numbers_of(train.set);
  const Shape& shape = train.set.shape;
  if (set.fewest < 2) {
    throw bad_input(fmt::format("the class '{}' has {} training image(s); two folds need two",
                                printable(set.rarest), set.fewest));
  }
  const int folds = int(std::clamp<std::int64_t>(set.fewest, 2, 3));
  const int epochs =
      int(std::clamp(std::round(kSteps * kFirstBatch / double(set.images)), 10.0, 60.0));
  const bool uneven = double(set.most) > 1.5 * double(set.fewest);
  const std::string why = ready.recipe().why;
  std::string text = fmt::format("# {} training images of {} classes, {} to {} of each", set.images,
                                 train.set.classes(), set.fewest, set.most);
  text += fmt::format(" ({}: {}).\n", printable(set.rarest), set.fewest);
  text += fmt::format("# Train and look: tailor run {}\n\nname = {}\nseed = 1\n\n[data]\n",
                      shell_word(file), toml_text(name));
  text += fmt::format("dir = {}\n", toml_text(data.dir));
  if (!ready.source().mnist) {
    std::size_t bad = train.bad.size();
    if (ready.source().has(Split::kTest)) bad += ready.part(Split::kTest).bad.size();
    text += "# Files that are no pictures end the work; \"skip\" leaves them out and lists them.\n";
    text += bad == 0 ? "bad_files = \"refuse\"\n"
                     : fmt::format("bad_files = \"skip\"   # {} of these are none\n", bad);
    if (!ready.source().has(Split::kTest)) {
      text +=
          "# There are no test images: so many are cut off, series and near copies together.\n"
          "test_size = 0.15\n";
    }
    text += fmt::format("\n[image]  # what the net sees{}\n", why.empty() ? "" : ": " + why);
    text += fmt::format(
        "size = [{}, {}]        # height, width; twice as large takes four times "
        "the time\n",
        shape.height, shape.width);
    text +=
        "fit = \"pad\"             # or \"crop\" (the middle), \"stretch\" (out of proportion)\n";
  }
  text +=
      "\n[model]\nname = \"air\"            # convolutions in residuals, batch normalisation\n"
      "kernels = 16\n";
  text += fmt::format("\n[train]\nbatch = {}\nlearning_rate = 0.002\nschedule = \"cosine\"\n",
                      kFirstBatch);
  if (uneven) {
    text += fmt::format("class_weight = \"balanced\"   # classes are of {} to {} images\n",
                        set.fewest, set.most);
  }
  text += fmt::format(
      "\n[augment]                 # images are moved each time they are seen\n"
      "translate = {}             # pixels at most\n"
      "flip = \"none\"             # \"random\" where left and right mean the same\n",
      std::max(std::min(shape.height, shape.width) / kShareOfSide, 1));
  text += fmt::format(
      "\n[first]                   # a model with settings drawn from the space\n"
      "epochs = {}\n",
      std::max(epochs / 2, 5));
  text += fmt::format(
      "\n[search]\nstrategy = \"random\"\nn_iter = 6                # candidates\n"
      "cv = {}                    # folds, so {} trainings\nepochs = {}\n",
      folds, 6 * folds, std::max(epochs / 4, 4));
  if (uneven) {
    text += fmt::format(
        "# Classes are of {} to {} images; accuracy would hide the rare ones.\n"
        "scoring = \"balanced_accuracy\"\n",
        set.fewest, set.most);
  }
  text +=
      "\n[search.space]\n\"model.kernels\" = [8, 16, 24]\n"
      "\"train.learning_rate\" = {loguniform = [0.0005, 0.008]}\n";
  text += fmt::format(
      "\n[final]                   # the best candidate on all training images\n"
      "epochs = {}\n",
      epochs);
  return text;
}

}  // namespace tailor::internal
