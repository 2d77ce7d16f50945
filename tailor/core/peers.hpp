// The processes that train one model together: what they add up, and nothing else of them. An
// Engine is given one; who has no company is Alone.
#pragma once

#include <span>

namespace tailor::internal {

// Every rank calls the same functions with the same sizes in the same order, or all wait for ever.
// Sums are taken in a fixed order: the same bytes on every run, and on every rank.
class Peers {
 public:
  virtual ~Peers() = default;

  virtual int rank() const { return 0; }
  virtual int size() const { return 1; }

  // Adds `values` up over all ranks, in place.
  virtual void sum(std::span<double>) {}

  // The same, in the background: `values` are not to be touched before wait(), which returns when
  // all that was started is done. progress() moves it on, where nothing else does.
  virtual void start_sum(std::span<float>) {}
  virtual void progress() {}
  virtual void wait() {}

  // For a rank that failed and calls nothing more: whether all have. Waits a moment for them.
  virtual bool all_failed() { return true; }

  // What part of the cores this process may use is its own, where ranks on one machine share them.
  virtual double core_share() const { return 1; }
};

class Alone : public Peers {};

}  // namespace tailor::internal
