#include "tailor/core/team/team.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

namespace tailor::internal {

namespace {

constexpr std::uint32_t kOpen = 1u << 11;
constexpr std::uint32_t kNext = 1u << 12;
constexpr std::uint32_t kInside = kOpen - 1;  // up to 2,047 workers

std::uint32_t number_of(std::uint32_t door) {
  return door / kNext;
}

// Where this thread works at present: in which team, as whom; and what it was doing before.
struct Place {
  const Team* team;
  int worker;
  const Place* outer;
};
thread_local const Place* place = nullptr;

const Place* place_in(const Team* team) {
  const Place* p = place;
  while (p != nullptr && p->team != team) p = p->outer;
  return p;
}

class Working {
 public:
  Working(const Team* team, int worker) : here_{team, worker, place} { place = &here_; }
  ~Working() { place = here_.outer; }
  Working(const Working&) = delete;

 private:
  const Place here_;
};

// No signal goes to a thread that starts meanwhile: they are for the program's own threads.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  WithoutSignals(const WithoutSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

struct Team::Worker {
  Sleeper sleeper;
  Patience patience;
  Account account;
  Seat seat;
  std::thread thread;
};

Team::Team(int threads, void (*prepare)()) : threads_(std::max(1, threads)), prepare_(prepare) {}

Team::~Team() {
  stop_workers();
}

void Team::stop_workers() {
  stopping_.store(true);
  for (const auto& worker : workers_) worker->sleeper.wake();
  for (const auto& worker : workers_) worker->thread.join();
}

// Those that the system refuses are done without.
void Team::start() {
  if (started_) return;
  started_ = true;
  workers_.reserve(std::size_t(threads_ - 1));
  const WithoutSignals meanwhile;
  try {
    for (int number = 1; number < threads_; ++number) start_worker(number);
  } catch (const std::system_error&) {
  }
}

void Team::start_worker(int number) {
  auto worker = std::make_unique<Worker>();
  worker->thread = std::thread([this, number, self = worker.get()] { work_as(number, *self); });
  const std::string name = "tailor-" + std::to_string(number);
  pthread_setname_np(worker->thread.native_handle(), name.c_str());
  workers_.push_back(std::move(worker));
}

int Team::worker() const {
  const Place* here = place_in(this);
  return here != nullptr ? here->worker : 0;
}

void Team::run(int count, int chunk, Call call) {
  if (count <= 0) return;
  if (threads_ == 1 || count == 1 || place_in(this) != nullptr) {
    return call.function(call.work, 0, count, worker());
  }
  start();
  call_ = call;
  shares_.begin(count, chunk, threads_);
  open(count);
  take_parts(0);
  close();
  if (!failed_.load(std::memory_order_relaxed)) return;
  failed_.store(false, std::memory_order_relaxed);
  std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Team::open(int parts) {
  const std::size_t wanted = std::min(workers_.size(), std::size_t(parts - 1));
  seat_in_a_crowd(wanted);
  const std::uint32_t closed = door_.load(std::memory_order_relaxed);
  door_.store(number_of(closed) * kNext + kNext + kOpen);
  for (std::size_t i = 0; i < wanted; ++i) workers_[i]->sleeper.wake();
}

// Together where all of them get no more than one core has to give.
void Team::seat_in_a_crowd(std::size_t wanted) {
  const Nanoseconds now = nanoseconds_now();
  if (!crowd_.here(now)) return;
  const bool together = cores_got_.of_late(now) < 0.85;
  const int core = sched_getcpu();
  for (std::size_t i = 0; i < wanted; ++i) workers_[i]->seat.move(core, together);
}

// Nobody enters any more; those inside finish the part they have.
void Team::close() {
  std::uint32_t door = door_.fetch_and(~kOpen) & ~kOpen;
  if ((door & kInside) == 0) return;
  const auto empty = [&] { return (door_.load() & kInside) == 0; };
  if (!patience_.look(crowd_, empty)) {
    while (!empty()) asker_.sleep_unless(empty);
  }
  patience_.learn(nanoseconds_now());
}

void Team::take_parts(int worker) {
  const Working here(this, worker);
  int first = 0;
  int last = 0;
  try {
    while (shares_.take(worker, first, last)) call_.function(call_.work, first, last, worker);
  } catch (...) {
    shares_.end();
    if (!failed_.exchange(true)) thrown_ = std::current_exception();
  }
}

void Team::work_as(int worker, Worker& self) {
  self.seat.begin();
  if (prepare_ != nullptr) prepare_();
  std::uint32_t seen = number_of(door_.load()) - 1;  // the work for which it was started is new
  while (wait_for_work(self, seen)) {
    std::uint32_t door = door_.load();
    if ((door & kOpen) == 0 || !door_.compare_exchange_strong(door, door + 1)) continue;
    seen = number_of(door);
    self.seat.take();
    take_parts(worker);
    self.seat.leave();
    const std::uint32_t left = door_.fetch_sub(1) - 1;
    if ((left & (kOpen | kInside)) == 0) asker_.wake();
  }
}

// False when it is to end.
bool Team::wait_for_work(Worker& self, std::uint32_t seen) {
  const auto ready = [&] {
    const std::uint32_t door = door_.load();
    return ((door & kOpen) != 0 && number_of(door) != seen) || stopping_.load();
  };
  if (!self.patience.look(crowd_, ready)) {
    const Nanoseconds before = nanoseconds_now();
    while (!ready()) self.sleeper.sleep_unless(ready);
    const Nanoseconds now = nanoseconds_now();
    self.account.slept(now - before);
  }
  const Nanoseconds now = nanoseconds_now();
  self.patience.learn(now);
  self.account.settle(now, crowd_);
  return !stopping_.load();
}

}  // namespace tailor::internal
