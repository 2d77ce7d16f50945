#include "tailor/nn/predictor.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>

#include "tailor/core/clock.hpp"
#include "tailor/nn/views.hpp"

namespace tailor::internal {
namespace {

// Images of a piece. Thousand images/s of 256 on two cores of Zen 4 with 8, 16 and 32 (medians of
// four): seed-32 76, 85, 83; air-16 60, 64, 60; air-32 17.3, 17.4, 17.1.
constexpr int kPiece = 16;
constexpr int kLeastPiece = 2;  // one image alone reads all weights for itself

int divide_up(int count, int by) {
  return (count + by - 1) / by;
}

// Not of the number of threads: the library's kernels round by the size of a batch, and answers
// should not. A power of two of pieces, at least 8, so that most teams end together.
int piece_size(int batch) {
  const auto pieces = std::bit_ceil(unsigned(divide_up(batch, kPiece)));
  const int size = divide_up(batch, std::max(8, int(pieces)));
  return std::max(size, std::min(batch, kLeastPiece));
}

int worker_count(const Engine& engine, int batch) {
  return std::min(engine.threads(), divide_up(batch, piece_size(batch)));
}

// Of one image's logits, in their place.
void make_probabilities(std::span<float> values) {
  const double top = *std::ranges::max_element(values);
  double sum = 0;
  for (const float value : values) sum += std::exp(double(value) - top);
  for (float& value : values) value = float(std::exp(double(value) - top) / sum);
}

}  // namespace

struct Predictor::Worker {
  std::unique_ptr<Engine> own;  // of one thread; null: the plan runs on the predictor's engine
  Plan plan;
  std::vector<const std::uint8_t*> images;
  std::vector<float> answer;             // of a whole piece
  std::vector<std::uint8_t> seen, room;  // of a piece in another view, and of an image
  std::vector<const std::uint8_t*> seen_images;
  std::atomic<bool> taken = false;
  double answer_seconds = 0;
  double seconds = 0;

  Worker(std::unique_ptr<Engine> engine, Plan made, std::size_t classes)
      : own(std::move(engine)),
        plan(std::move(made)),
        images(std::size_t(plan.batch())),
        answer(images.size() * classes) {}
};

Predictor::Predictor(const Spec& spec, Engine& engine, int batch, Precision precision)
    : team_(&engine.team()),
      classes_(std::size_t(spec.classes)),
      shape_(spec.input),
      views_(spec.views) {
  const int piece = piece_size(batch);
  workers_.resize(std::size_t(worker_count(engine, batch)));
  if (workers_.size() == 1) {
    workers_[0] = std::make_unique<Worker>(
        nullptr, Plan(spec, engine, piece, Phase::kInference, precision), classes_);
    return;
  }
  for (auto& worker : workers_) {
    auto own = std::make_unique<Engine>(1, nullptr, &engine.choices());
    Plan plan(spec, *own, piece, Phase::kInference, precision);
    worker = std::make_unique<Worker>(std::move(own), std::move(plan), classes_);
  }
}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;

// A worker that nobody else has. There are as many as threads that want one at a time, or more;
// they may be fewer than the team, so a thread's number does not name its own.
class Predictor::Lease {
 public:
  Lease(const std::vector<std::unique_ptr<Worker>>& workers, int likely) {
    std::size_t i = std::size_t(likely) % workers.size();
    while (workers[i]->taken.exchange(true, std::memory_order_acquire))
      i = (i + 1) % workers.size();
    worker_ = workers[i].get();
  }
  ~Lease() { worker_->taken.store(false, std::memory_order_release); }
  Lease(const Lease&) = delete;
  Worker& operator*() const { return *worker_; }

 private:
  Worker* worker_;
};

// use(worker, first image, images) after each piece. The last one is filled up with its last image.
template <typename Use>
void Predictor::run(std::span<const std::uint8_t* const> images, Use use) {
  const Stopwatch watch;
  const auto size = std::size_t(piece());
  const auto answer_piece = [&](Worker& w, std::size_t first) {
    const Clocked own(w.seconds);
    const std::size_t count = std::min(size, images.size() - first);
    std::ranges::copy(images.subspan(first, count), w.images.begin());
    std::fill(w.images.begin() + std::ptrdiff_t(count), w.images.end(), w.images[count - 1]);
    w.plan.forward(w.images);
    const Clocked answer(w.answer_seconds);
    use(w, first, count);
  };
  const int pieces = divide_up(int(images.size()), int(size));
  const auto answer_pieces = [&](int first, int last, int worker) {
    for (int piece = first; piece < last; ++piece) {
      const Lease lease(workers_, worker);
      answer_piece(*lease, std::size_t(piece) * size);
    }
  };
  if (workers() == 1) {
    answer_pieces(0, pieces, 0);
  } else {
    team_->share_out(pieces, 1, answer_pieces);
  }
  seconds_ += watch.seconds();
}

void Predictor::load(const Params& params) {
  team_->share_out_each(workers(),
                        [&](int i, int) { workers_[std::size_t(i)]->plan.load(params); });
}

std::size_t Predictor::feature_count() const {
  return workers_[0]->plan.feature_count();
}

// Of the piece that the worker's plan has just seen as it is: the mean logits of all views, made
// probabilities, into its answer.
void Predictor::add_views(Worker& w, std::size_t count) {
  const auto add = [&](int view) {
    const auto share = float(share_of_view(views_, view));
    const std::span<const float> logits = w.plan.logits();
    for (std::size_t i = 0; i < count * classes_; ++i) w.answer[i] += share * logits[i];
  };
  w.seen.resize(w.images.size() * shape_.size());
  w.room.resize(shape_.size());
  w.seen_images.resize(w.images.size());
  std::ranges::fill(w.answer, 0.0F);
  add(0);
  for (int view = 1; view < views_; ++view) {
    for (std::size_t i = 0; i < w.images.size(); ++i) {
      const auto out = std::span(w.seen).subspan(i * shape_.size(), shape_.size());
      see(shape_, view, w.images[i], w.room, out);
      w.seen_images[i] = out.data();
    }
    w.plan.forward(w.seen_images);
    add(view);
  }
  for (std::size_t i = 0; i < count; ++i) {
    make_probabilities(std::span(w.answer).subspan(i * classes_, classes_));
  }
}

void Predictor::probabilities(std::span<const std::uint8_t* const> images, std::span<float> out) {
  run(images, [&](Worker& w, std::size_t first, std::size_t count) {
    if (views_ > 1) {
      add_views(w, count);
    } else {
      w.plan.probabilities(w.answer);
    }
    std::copy_n(w.answer.begin(), count * classes_, out.begin() + std::ptrdiff_t(first * classes_));
  });
}

void Predictor::features(std::span<const std::uint8_t* const> images, std::span<float> out) {
  const std::size_t each = feature_count();
  run(images, [&](Worker& w, std::size_t first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      w.plan.features(int(i), out.subspan((first + i) * each, each));
    }
  });
}

int Predictor::workers() const {
  return int(workers_.size());
}

int Predictor::piece() const {
  return workers_[0]->plan.batch();
}

std::size_t Predictor::memory_bytes() const {
  std::size_t bytes = 0;
  for (const auto& w : workers_) bytes += w->plan.memory_bytes();
  return bytes;
}

std::size_t Predictor::planned_bytes(const Spec& spec, Engine& engine, int batch,
                                     Precision precision) {
  const int piece = piece_size(batch);
  const int workers = worker_count(engine, batch);
  if (workers == 1) {
    return Plan::planned_bytes(spec, engine, piece, Phase::kInference, precision);
  }
  Engine one(1, nullptr, &engine.choices());
  return std::size_t(workers) * Plan::planned_bytes(spec, one, piece, Phase::kInference, precision);
}

void Predictor::profile(bool on) {
  seconds_ = 0;
  for (const auto& w : workers_) {
    w->plan.profile(on);
    w->seconds = w->answer_seconds = 0;
  }
}

std::vector<PlanEntry> Predictor::entries() const {
  std::vector<PlanEntry> list = workers_[0]->plan.entries();
  const auto count = double(workers());
  double busy = 0, answer = 0;
  for (PlanEntry& e : list) e.seconds = 0;
  for (const auto& w : workers_) {
    const std::vector<PlanEntry> entries = w->plan.entries();
    for (std::size_t i = 0; i < list.size(); ++i) list[i].seconds += entries[i].seconds / count;
    answer += w->answer_seconds / count;
    busy += w->seconds / count;
  }
  list.push_back({"answer", "tailor", answer});
  if (count > 1) list.push_back({"waiting for the last thread", "tailor", seconds_ - busy});
  return list;
}

int Predictor::reference_kernels() const {
  return workers_[0]->plan.reference_kernels();
}

}  // namespace tailor::internal
