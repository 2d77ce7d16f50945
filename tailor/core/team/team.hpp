// Threads that work through one thing at a time, in parts, beside the thread that asks for it.
//
// Whoever asks works through the parts itself; workers take parts as they come to it, and a worker
// that has not begun one is never waited for. So where other programs want the cores as well, or a
// worker could not be started at all, the work is done by those that run. Threads that wait look
// for a moment and then sleep (patience.hpp).
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

#include "tailor/core/team/patience.hpp"
#include "tailor/core/team/seat.hpp"
#include "tailor/core/team/shares.hpp"
#include "tailor/core/team/sleeper.hpp"

namespace tailor::internal {

// One thread at a time asks; it may be another each time. After fork() only the child's asking
// thread works.
class Team {
 public:
  // `threads`: the asking one among them, from 1. The others start when they are first wanted, call
  // `prepare`, and are named tailor-1, tailor-2, ...
  explicit Team(int threads, void (*prepare)() = nullptr);
  ~Team();
  Team(const Team&) = delete;

  int threads() const { return threads_; }
  // The caller's number in the work it is in the middle of; 0 outside of any.
  int worker() const;
  // Starts the others now: what comes then makes nothing.
  void start();

  // work(first, last, worker) until items 0..count-1 are done, `chunk` at a time (as Shares has
  // it). No two calls with one worker's number, from 0 to threads() - 1, run at once. What it
  // throws comes out, the first if there are several, and what is left of the items is not done.
  // Asked for in the middle of its own work, the team does all of it on the asking thread.
  template <typename Work>
  void share_out(int count, int chunk, Work&& work) {
    using Function = std::remove_reference_t<Work>;
    run(count, chunk,
        {[](void* function, int first, int last, int worker) {
           (*static_cast<Function*>(function))(first, last, worker);
         },
         const_cast<void*>(static_cast<const void*>(std::addressof(work)))});
  }

  // work(item, worker) for every item.
  template <typename Work>
  void share_out_each(int count, Work&& work) {
    share_out(count, 0, [&](int first, int last, int worker) {
      for (int item = first; item < last; ++item) work(item, worker);
    });
  }

 private:
  struct Call {
    void (*function)(void* work, int first, int last, int worker);
    void* work;
  };
  struct Worker;

  void run(int count, int chunk, Call call);
  void start_worker(int number);
  void stop_workers();
  void open(int parts);
  void seat_in_a_crowd(std::size_t wanted);
  void close();
  void work_as(int worker, Worker& self);
  bool wait_for_work(Worker& self, std::uint32_t seen);
  void take_parts(int worker);

  const int threads_;
  void (*const prepare_)();
  std::vector<std::unique_ptr<Worker>> workers_;
  bool started_ = false;

  // The work at hand. Workers read it between entering and leaving.
  Call call_{};
  Shares shares_;
  std::atomic<bool> failed_ = false;
  std::exception_ptr thrown_;  // by whoever set failed_

  // Bits of the door: the number of the work, whether it may be entered, and how many workers are
  // inside. One word, so that nobody enters what has just been closed.
  alignas(64) std::atomic<std::uint32_t> door_ = 0;
  std::atomic<bool> stopping_ = false;
  alignas(64) Sleeper asker_;
  Patience patience_;  // the asking thread's
  CoresGot cores_got_;
  Crowd crowd_;
};

}  // namespace tailor::internal
