// Wall-clock seconds for timing; never part of a result.
#pragma once

#include <chrono>

namespace tailor::internal {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Adds the time it lived to a sum.
class Clocked {
 public:
  explicit Clocked(double& seconds) : seconds_(seconds) {}
  ~Clocked() { seconds_ += watch_.seconds(); }
  Clocked(const Clocked&) = delete;

 private:
  double& seconds_;
  Stopwatch watch_;
};

}  // namespace tailor::internal
