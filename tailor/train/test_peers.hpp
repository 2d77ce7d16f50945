// Ranks of one process, for tests: a thread each, real sums in rank order.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <functional>
#include <span>
#include <thread>
#include <vector>

#include "tailor/core/peers.hpp"

namespace tailor::internal::test {

// What the ranks meet at.
class Meeting {
 public:
  explicit Meeting(int ranks) : all_(ranks), views_(std::size_t(ranks)), sizes_(views_.size()) {}
  int ranks() const { return int(views_.size()); }

  template <typename T>
  void sum(int rank, std::span<T> values) {
    views_[std::size_t(rank)] = values.data();
    sizes_[std::size_t(rank)] = values.size_bytes();
    all_.arrive_and_wait();
    ASSERT_EQ(std::ranges::count(sizes_, values.size_bytes()), ranks()) << "ranks sum other things";
    std::vector<T> total(values.size());
    for (const void* view : views_) {
      for (std::size_t i = 0; i < total.size(); ++i) total[i] += static_cast<const T*>(view)[i];
    }
    all_.arrive_and_wait();
    std::ranges::copy(total, values.begin());
  }

 private:
  std::barrier<> all_;
  std::vector<const void*> views_;
  std::vector<std::size_t> sizes_;  // in bytes
};

class ThreadPeers : public Peers {
 public:
  ThreadPeers(Meeting& meeting, int rank) : meeting_(meeting), rank_(rank) {}

  int rank() const override { return rank_; }
  int size() const override { return meeting_.ranks(); }
  void sum(std::span<double> values) override { meeting_.sum(rank_, values); }
  // What stands there at this moment is what is summed, so that a gradient handed in before it is
  // complete comes out wrong.
  void start_sum(std::span<float> values) override {
    started_.push_back({values, {values.begin(), values.end()}});
    ++sums_;
  }
  void wait() override {
    for (Started& s : started_) {
      meeting_.sum(rank_, std::span(s.copy));
      std::ranges::copy(s.copy, s.values.begin());
    }
    started_.clear();
  }

  int sums() const { return sums_; }  // started so far

 private:
  Meeting& meeting_;
  int rank_;
  int sums_ = 0;
  struct Started {
    std::span<float> values;
    std::vector<float> copy;
  };
  std::vector<Started> started_;
};

// Runs `work` on a thread per rank; returns when all are done.
inline void on_ranks(int ranks, const std::function<void(ThreadPeers&)>& work) {
  Meeting meeting(ranks);
  std::vector<std::jthread> threads;
  for (int rank = 0; rank < ranks; ++rank) {
    threads.emplace_back([&, rank] {
      ThreadPeers peers(meeting, rank);
      work(peers);
    });
  }
}

}  // namespace tailor::internal::test
