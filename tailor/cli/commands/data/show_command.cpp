// tailor data show: images on the terminal.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/cli/text_image.hpp"
#include "tailor/cli/text_width.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/image_source.hpp"

namespace tailor::internal {
namespace {

struct ShowFlags {
  std::vector<std::string> images;
  std::string data = DataOptions{}.dir;
  std::string split = "test";
};

ExitStatus run_show(const ShowFlags& flags, Context& context) {
  Console& console = context.console;
  std::optional<Dataset> sets[2];
  std::vector<CaptionedImage> shown;
  Json list = Json::array();
  for (const std::string& source : flags.images) {
    const auto wanted = parse_image_source(source, flags.split == "test");
    if (!wanted)
      throw bad_input(fmt::format("{} is no index; write 17, test:17 or train:17", source));
    std::optional<Dataset>& set = sets[wanted->test];
    if (!set) {
      set = load_set(DataOptions{.dir = flags.data}, wanted->test ? Split::kTest : Split::kTrain);
    }
    check_index(*wanted, *set, source);
    const int label = set->labels[wanted->index];
    const std::string& name = set->class_names[std::size_t(label)];
    shown.push_back(
        {text_image(image_of(*set, wanted->index), console.width(), console.colour()),
         {fmt::format("{} {}", split_name(wanted->test), wanted->index), printable(name)}});
    list.push_back({{"split", split_name(wanted->test)},
                    {"index", wanted->index},
                    {"label", label},
                    {"class", name}});
  }
  console.print(image_rows(shown, console.width()));
  console.result({{"images", list}});
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_data_show(Options& options) {
  auto flags = std::make_shared<ShowFlags>();
  options.add({
      {"INDEX", &flags->images, "", "which images: 17, test:17 or train:17", required()},
      {"--data", &flags->data, "DIR", "a set of images"},
      {"--split", &flags->split, "TEXT", "where a mere number looks, test or train",
       one_of("test|train")},
  });
  options.examples = {
      {"tailor data show 0 1 2", "the first three test images"},
      {"tailor data show train:17 --data my-data", "a training image of one's own"}};
  options.files = "Reads the data. Writes nothing.";
  return [flags](Context& context) { return run_show(*flags, context); };
}

}  // namespace tailor::internal
