// Tailor for C++ programs: read images, describe an experiment, train, run a whole study, load a
// model, predict. This header and the six it includes are all that is installed; what it names in
// tailor::internal is not for use. docs/library.md tells more, examples/ holds whole programs.
//
// Errors. What cannot be done throws tailor::Error: one line that says what is wrong and where.
// kBadInput is the caller's to mend (files, options, sizes that do not fit), kFailure the machine's
// (a full disk). Besides, there is std::bad_alloc. What a callback throws comes out of the call it
// was made in. An object that was moved from may be assigned to or destroyed, and nothing else.
//
// Threads. Values of these types may be used by any thread, by one at a time; a const Model by any
// number at once. Several calls may run at a time in one process, each with threads of its own:
// give every one a share of the cores.
//
// No call prints or installs a handler of signals, and the calling thread is left as it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tailor/core/api.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/shape.hpp"
#include "tailor/core/stop.hpp"
#include "tailor/core/value.hpp"
#include "tailor/data/dataset.hpp"

namespace tailor {

namespace internal {
struct Access;
struct Experiment;
struct Model;
}  // namespace internal

TAILOR_API const char* version();  // "0.1.0"

// --- Images -----------------------------------------------------------------------------------

enum class Split { kTrain, kTest };

// One part of a data set: a folder of pictures for each class, with or without train/ and test/
// above, a list in CSV, NPZ, CIFAR's binary files, or the four files of MNIST. Where no test images
// are given some are cut off, always the same ones. Pictures are made one size (docs/your-data.md).
TAILOR_API Dataset load_images(const std::filesystem::path& folder, Split split);

// The pixels of one picture, as gray or RGB as `shape` has channels: shape.size() bytes, row by
// row, channels last. One of another size is resized as a whole, with white around it.
TAILOR_API std::vector<std::uint8_t> load_image(const std::filesystem::path& file,
                                                const Shape& shape);

// --- What is to be done -----------------------------------------------------------------------

// All options, as an experiment file holds them (docs/experiments.md). One that was just made has
// the defaults.
class TAILOR_API Experiment {
 public:
  Experiment();
  Experiment(const Experiment& other);
  Experiment(Experiment&& other) noexcept;
  Experiment& operator=(const Experiment& other);
  Experiment& operator=(Experiment&& other) noexcept;
  ~Experiment();

  static Experiment read(const std::filesystem::path& file);
  static Experiment parse(const std::string& toml);

  // By path: set("train.epochs", 5), set("train.learning_rate", 1e-3), set("model.name", "air").
  // Throws for a path that is none (and names the nearest) and for a value out of range.
  Experiment& set(const std::string& path, const Value& value);
  // The same from text as a person types it: set_text("train.epochs", "5").
  Experiment& set_text(const std::string& path, const std::string& value);

  std::string toml() const;  // every option; parse() gives an equal experiment back

 private:
  friend struct internal::Access;
  std::unique_ptr<internal::Experiment> inside_;
};

// --- What is heard while it is done -----------------------------------------------------------

struct TrainingProgress {
  int epoch = 0;  // from 1
  int epochs = 0;
  std::int64_t step = 0;  // from 1, within the epoch
  std::int64_t steps = 0;
  double loss = 0;      // running over the epoch, penalty included
  double accuracy = 0;  // running, 0 to 1, dropout on
  double images_per_second = 0;
  double seconds_left = 0;  // of the whole training
};

struct Epoch {
  int epoch = 0;  // from 1
  double loss = 0;
  double accuracy = 0;
  double learning_rate = 0;  // of its last step
  double seconds = 0;
};

struct SearchProgress {
  int done = 0;  // trainings: candidates x folds
  int total = 0;
  int running = 0;
  double best_score = 0;    // mean accuracy over the folds of the best candidate so far
  double seconds_left = 0;  // 0 while unknown
  int best_candidate = -1;  // from 0; -1 before any has all its folds
};

// Everything may be left empty. `what` is "train", "first model", "final model". Called from the
// thread that works, in a search from any of its threads, one at a time.
struct Observer {
  std::function<void(std::string_view line)> note, warn;
  std::function<void(std::string_view what, const TrainingProgress&)> on_step;
  std::function<void(std::string_view what, const Epoch&)> on_epoch;
  std::function<void(const SearchProgress&)> on_trial;
  // Looked at after every step, so what is in its last step ends as if it were not set. Any thread
  // and a handler of signals may set it.
  const StopFlag* stop = nullptr;
};

// --- Models -----------------------------------------------------------------------------------

struct Evaluation {
  std::int64_t images = 0;
  double accuracy = 0;                         // 0 to 1
  double interval_low = 0, interval_high = 0;  // of it, Wilson's, 95 %
  double loss = 0;                             // mean cross-entropy in nats
  double top2 = 0;                             // share whose class is among the two most probable
  std::vector<std::vector<std::int64_t>> confusion;  // [true][predicted]
};

// A trained net. Copies share what it has learned, which does not change.
class TAILOR_API Model {
 public:
  // A run's folder or a model file.
  static Model load(const std::filesystem::path& run_or_file);
  void save(const std::filesystem::path& file) const;  // whole or not at all

  Shape input() const;  // of the images it takes
  const std::vector<std::string>& class_names() const;
  std::size_t parameters() const;  // that were trained
  Experiment experiment() const;   // that made it

  // Class probabilities, images x class_names().size(), of what is in `pixels`: images one after
  // the other, input().size() bytes each, row by row, channels last. Calibrated where the model has
  // a temperature; each row sums to 1. `threads` 0 is all cores. For many calls take a Predictor.
  std::vector<float> predict(std::span<const std::uint8_t> pixels, int threads = 0) const;
  // Against the labels of `images`, by number: names of classes are not compared. Throws for images
  // of another size and for more classes than the model knows.
  Evaluation evaluate(const Dataset& images, int threads = 0) const;

 private:
  friend struct internal::Access;
  explicit Model(std::shared_ptr<const internal::Model> inside);
  std::shared_ptr<const internal::Model> inside_;
};

// Model::predict for who asks often: makes its plans, packed weights and buffers once, at the first
// call for one image and at the first for more.
class TAILOR_API Predictor {
 public:
  explicit Predictor(const Model& model, int threads = 0);
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;
  ~Predictor();

  std::vector<float> predict(std::span<const std::uint8_t> pixels);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

// --- Work -------------------------------------------------------------------------------------

// Trains the experiment's [model] as its [train] says on all of `images`: nothing is written,
// unless `unfinished` names a file: there a training that is stopped is kept, and the same call
// goes on with it, to the same weights. Who has saved the model deletes that file. nullopt when
// stopped.
TAILOR_API std::optional<Model> train(const Experiment& experiment, const Dataset& images,
                                      const Observer& observer = {},
                                      const std::filesystem::path& unfinished = {});

struct StudyResult {
  std::filesystem::path folder;  // of the run; Model::load(folder) gives the final model
  double first_accuracy = 0;     // of the model with random settings, on the test images, 0 to 1;
                                 // NaN where that model failed, as one that diverges does
  double final_accuracy = 0;     // of the model with the best settings found
  double best_score = 0;         // mean accuracy of these over the folds of the search
  Settings best_settings;
  std::string metrics;  // all figures, as metrics.json holds them
};

// First model, search, final model, test set, pages: what `tailor run` does, in the experiment's
// folder (`out`, or runs/NAME), on the data set in its data.dir. A run that was stopped or killed
// goes on where it was; a complete one is not run again. nullopt when stopped.
TAILOR_API std::optional<StudyResult> run_study(const Experiment& experiment,
                                                const Observer& observer = {});

}  // namespace tailor
