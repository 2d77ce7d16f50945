#include "tailor/train/checkpoint.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <unordered_map>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tailor/core/json_reader.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/formats/safetensors.hpp"
#include "tailor/train/finite.hpp"

namespace tailor::internal {
namespace {

constexpr std::string_view kFormat = "tailor ";
constexpr int kVersion = 1;
constexpr const char* kTemperature = "temperature";
constexpr const char* kKept = "kept_at_1";
constexpr const char* kRejection = "rejection";
constexpr const char* kRejectBelow = "reject_below";
constexpr const char* kInt8 = "int8";
constexpr std::string_view kMoments = "optimizer.";  // begins the names of training's own tensors
constexpr std::string_view kBest = "best.";          // and of the best epoch's weights and state
constexpr std::string_view kTraining = "training.";  // and of its counters in the metadata

std::vector<std::int64_t> file_shape(const TensorInfo& info) {
  return {info.shape.begin(), info.shape.end()};
}

// One buffer's tensors, each under `prefix` and its own name.
void put(SafetensorsFile& file, const std::vector<TensorInfo>& table, const Buffer& from,
         const std::string& prefix) {
  for (const TensorInfo& info : table) {
    file.tensors.push_back(f32_tensor(prefix + info.name, file_shape(info),
                                      from.floats().subspan(info.offset, info.size)));
  }
}

// Whoever trained it has looked before; this is for who did not.
SafetensorsFile model_file(const std::filesystem::path& path, const ModelCard& card,
                           const Params& params) {
  const std::string bad = first_not_finite(params);
  if (!bad.empty()) {
    throw bad_input(
        fmt::format("{} is not written: {} holds what is no number", path.string(), bad));
  }
  SafetensorsFile file;
  file.metadata = card;
  file.metadata["format"] = fmt::format("{}{}", kFormat, kVersion);
  put(file, params.table.weights, params.weights, "");
  put(file, params.table.state, params.state, "");
  return file;
}

std::string moment_prefix(std::size_t moment) {
  return fmt::format("{}{}.", kMoments, moment);
}

// Reads one file's tensors and counters; every complaint names the file.
class ModelFile {
 public:
  explicit ModelFile(const std::filesystem::path& path)
      : source_(path.string()), file_(decode_safetensors(internal::read_file(path), source_)) {
    check_format();
    for (const NamedTensor& tensor : file_.tensors) by_name_.emplace(tensor.name, &tensor);
  }

  const ModelCard& card() const { return file_.metadata; }

  // Throws bad_input unless the file holds all these tensors, under `prefix` and their names.
  void expect(const std::vector<TensorInfo>& table, const std::string& prefix) {
    for (const TensorInfo& info : table) tensor(prefix, info);
  }

  // Into a buffer that has room for all of the table.
  void take(const std::vector<TensorInfo>& table, const std::string& prefix, Buffer& into) {
    for (const TensorInfo& info : table) {
      const std::vector<float> values = tensor(prefix, info).floats();
      std::ranges::copy(values, into.floats().subspan(info.offset, info.size).begin());
    }
  }

  // Makes no buffer before all tensors are found to be in the file: a small file then takes little
  // memory, whatever net it says that it is.
  Params params(const Spec& spec, const std::string& prefix = "") {
    Params params;
    params.table = param_table(spec);
    expect(params.table.weights, prefix);
    expect(params.table.state, prefix);
    params.weights = Buffer(params.table.weight_count * sizeof(float));
    params.state = Buffer(params.table.state_count * sizeof(float));
    take(params.table.weights, prefix, params.weights);
    take(params.table.state, prefix, params.state);
    const std::string bad = first_not_finite(params);
    if (!bad.empty()) {
      throw bad_input(
          fmt::format("{}: the tensor {} holds what is no number; train the model again, with a "
                      "smaller train.learning_rate",
                      source_, bad));
    }
    return params;
  }

  bool holds_any(std::string_view prefix) const {
    return std::ranges::any_of(
        file_.tensors, [&](const NamedTensor& tensor) { return tensor.name.starts_with(prefix); });
  }

  // What take() did not ask for is an error, except the tensors that begin with one of `allowed`.
  void refuse_leftovers(const std::vector<std::string_view>& allowed) const {
    for (const NamedTensor& tensor : file_.tensors) {
      const bool is_allowed = std::ranges::any_of(
          allowed, [&](std::string_view beginning) { return tensor.name.starts_with(beginning); });
      if (!is_allowed && !taken_.contains(tensor.name)) {
        throw bad_input(
            fmt::format("{} holds a tensor {} that the model does not have; give the "
                        "model it was made for",
                        source_, tensor.name));
      }
    }
  }

  std::vector<EpochRecord> history() const {
    return parse_history_csv(text("history"), source_ + " (history)");
  }

  const std::string& text(std::string_view counter) const {
    const std::string key = fmt::format("{}{}", kTraining, counter);
    const auto found = file_.metadata.find(key);
    if (found == file_.metadata.end()) {
      throw bad_input(fmt::format(
          "{} lacks {}; it is a finished model, not a training to go on with", source_, key));
    }
    return found->second;
  }

  template <class Number>
  Number number(std::string_view counter) const {
    const std::string& digits = text(counter);
    Number value{};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      throw bad_input(fmt::format("{}: {}{} is '{}', which is no number that fits", source_,
                                  kTraining, counter, digits));
    }
    return value;
  }

  // A count that cannot be negative.
  template <class Number>
  Number count(std::string_view counter) const {
    const Number value = number<Number>(counter);
    if (value < 0) {
      throw bad_input(fmt::format("{}: {}{} is {}, below 0", source_, kTraining, counter, value));
    }
    return value;
  }

 private:
  void check_format() const {
    const auto found = file_.metadata.find("format");
    if (found == file_.metadata.end() || !found->second.starts_with(kFormat)) {
      throw bad_input(fmt::format("{} is a safetensors file but no model of Tailor's", source_));
    }
    if (found->second != fmt::format("{}{}", kFormat, kVersion)) {
      throw bad_input(
          fmt::format("{} has format '{}' and this Tailor reads '{}{}'; use a newer one", source_,
                      found->second, kFormat, kVersion));
    }
  }

  // Of exactly info.size floats.
  const NamedTensor& tensor(const std::string& prefix, const TensorInfo& info) {
    const std::string name = prefix + info.name;
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) {
      throw bad_input(
          fmt::format("{} lacks the tensor {}; give the model it was made for", source_, name));
    }
    const NamedTensor& tensor = *found->second;
    const std::vector<std::int64_t> shape = file_shape(info);
    if (tensor.dtype != "F32" || tensor.shape != shape ||
        tensor.bytes.size() / sizeof(float) != info.size) {
      throw bad_input(fmt::format("{}: tensor {} is {} [{}] and the model needs F32 [{}]", source_,
                                  name, tensor.dtype, fmt::join(tensor.shape, ", "),
                                  fmt::join(shape, ", ")));
    }
    taken_.insert(name);
    return tensor;
  }

  std::string source_;
  SafetensorsFile file_;
  std::unordered_map<std::string_view, const NamedTensor*> by_name_;
  std::set<std::string> taken_;
};

JsonReader card_json(const std::string& text, const std::string& source) {
  return {text, source, "the model's card was changed; take the model as tailor wrote it"};
}

// What training counts on: it goes on from these without another look.
void check_counters(const TrainingState& state, const TrainOptions& options,
                    const std::string& source) {
  const bool agree = state.history.size() == std::size_t(state.epoch) &&
                     std::uint64_t(state.step) <= kMostImages &&
                     state.correct <= state.step * options.batch && state.epoch_seconds >= 0 &&
                     std::isfinite(state.epoch_seconds) && std::isfinite(state.loss_sum) &&
                     std::isfinite(state.penalty_sum);
  if (agree) return;
  throw bad_input(
      fmt::format("{}: what it counts (epochs, steps, losses) does not fit together; "
                  "delete it and type the command again to train anew",
                  source));
}

}  // namespace

void save_model(const std::filesystem::path& path, const ModelCard& card, const Params& params) {
  write_file_atomic(path, encode_safetensors(model_file(path, card, params)));
}

void save_training(const std::filesystem::path& path, const ModelCard& card,
                   const TrainingState& state) {
  SafetensorsFile file = model_file(path, card, state.params);
  const std::vector<Buffer>& moments = state.optimizer.moments();
  for (std::size_t i = 0; i < moments.size(); ++i) {
    put(file, state.params.table.weights, moments[i], moment_prefix(i));
  }
  if (state.best) {
    put(file, state.params.table.weights, state.best->weights, std::string(kBest));
    put(file, state.params.table.state, state.best->state, std::string(kBest));
  }
  const auto counter = [&](std::string_view name, const auto& value) {
    // {} prints the shortest text that reads back equal, so doubles come back bit for bit.
    file.metadata[fmt::format("{}{}", kTraining, name)] = fmt::format("{}", value);
  };
  counter("optimizer_steps", state.optimizer.steps());
  counter("epoch", state.epoch);
  counter("step", state.step);
  counter("loss_sum", state.loss_sum);
  counter("penalty_sum", state.penalty_sum);
  counter("correct", state.correct);
  counter("epoch_seconds", state.epoch_seconds);
  counter("history", history_csv(state.history));
  write_file_atomic(path, encode_safetensors(file));
}

Temperature temperature_of(const ModelCard& card, const std::string& source) {
  const auto entry = card.find(kTemperature);
  if (entry == card.end()) return {};
  constexpr double kLeast = 0.01, kMost = 100;  // what is fitted lies between 0.05 and 20
  const JsonReader json = card_json(entry->second, source + " (temperature)");
  const auto kept = json.find(kKept);
  return {json.at("value").number(kLeast, kMost), json.at("images").whole(kMostImages),
          kept ? kept->text() : ""};
}

void set_temperature(ModelCard& card, const Temperature& temperature) {
  Json json = {{"value", temperature.value}, {"images", temperature.images}};
  if (!temperature.kept.empty()) json[kKept] = temperature.kept;
  card[kTemperature] = json_text(json);
}

Rejection rejection_of(const ModelCard& card, const std::string& source) {
  Rejection rejection;
  if (const auto entry = card.find(kRejection); entry != card.end()) {
    const JsonReader json = card_json(entry->second, source + " (rejection)");
    rejection.wanted = json.at("precision").number(0, 1);
    rejection.images = json.at("images").whole(kMostImages);
    rejection.chosen_on = json.at("chosen_on").text();
    rejection.chosen.answers = json.at("answers").whole(kMostImages);
    rejection.chosen.right = json.at("right").whole(kMostImages);
  }
  if (const auto entry = card.find(kRejectBelow); entry != card.end()) {
    rejection.below = float(card_json(entry->second, source + " (reject_below)").number(0, 1));
    rejection.chosen.threshold = *rejection.below;
  }
  return rejection;
}

void set_rejection(ModelCard& card, const Rejection& rejection) {
  card[kRejection] = json_text({{"precision", rejection.wanted},
                                {"images", rejection.images},
                                {"chosen_on", rejection.chosen_on},
                                {"answers", rejection.chosen.answers},
                                {"right", rejection.chosen.right}});
  if (rejection.below) card[kRejectBelow] = fmt::format("{}", *rejection.below);
}

ActivationRanges ranges_of(const ModelCard& card, const std::string& source) {
  const auto entry = card.find(kInt8);
  if (entry == card.end()) return {};
  constexpr double kLeast = std::numeric_limits<float>::min();
  constexpr double kMost = std::numeric_limits<float>::max();
  ActivationRanges ranges;
  const JsonReader json = card_json(entry->second, source + " (int8)");
  for (const auto& [layer, range] : json.at("ranges").entries()) {
    ranges[layer] = float(range.number(kLeast, kMost));
  }
  if (ranges.empty()) json.refuse("has no ranges");
  return ranges;
}

void set_ranges(ModelCard& card, const ActivationRanges& ranges, std::int64_t images) {
  card[kInt8] = json_text({{"images", images}, {"ranges", ranges}});
}

ModelCard read_model_card(const std::filesystem::path& path) {
  return ModelFile(path).card();
}

Params load_model(const std::filesystem::path& path, const Spec& spec) {
  ModelFile file(path);
  Params params = file.params(spec);
  file.refuse_leftovers({kMoments, kBest});
  return params;
}

TrainingState load_training(const std::filesystem::path& path, const Spec& spec,
                            const TrainOptions& options) {
  ModelFile file(path);
  Params params = file.params(spec);
  Optimizer optimizer(options, params.table);
  file.text("optimizer_steps");  // before its tensors: a finished model is told as such
  for (std::size_t i = 0; i < optimizer.moments().size(); ++i) {
    file.take(params.table.weights, moment_prefix(i), optimizer.moments()[i]);
  }
  std::optional<Params> best;
  if (file.holds_any(kBest)) best = file.params(spec, std::string(kBest));
  file.refuse_leftovers({});
  optimizer.restore(file.count<std::int64_t>("optimizer_steps"));
  TrainingState state{.params = std::move(params),
                      .optimizer = std::move(optimizer),
                      .epoch = file.count<int>("epoch"),
                      .step = file.count<std::int64_t>("step"),
                      .loss_sum = file.number<double>("loss_sum"),
                      .penalty_sum = file.number<double>("penalty_sum"),
                      .correct = file.count<std::int64_t>("correct"),
                      .epoch_seconds = file.number<double>("epoch_seconds"),
                      .history = file.history(),
                      .best = std::move(best)};
  check_counters(state, options, path.string());
  return state;
}

}  // namespace tailor::internal
