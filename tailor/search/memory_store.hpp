// A study that lives as long as its process: for cross-validation on the side, and for tests.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/search/study.hpp"

namespace tailor::internal {

class MemoryStore : public StudyStore {
 public:
  void open(const std::string& key, const std::vector<Settings>& candidates, int) override {
    if (!key_.empty() && key_ != key) throw bad_input("the store holds another study");
    if (key_.empty()) asked = candidates;
    key_ = key;
  }
  void add(const Settings& params) override { asked.push_back(params); }
  std::string key() override { return key_; }
  void extend(const std::string& key, const std::vector<Settings>& more) override {
    key_ = key;
    asked.insert(asked.end(), more.begin(), more.end());
  }
  int forget_failed() override {
    std::set<int> candidates;
    const auto failed = [](const FoldResult& result) { return !result.error.empty(); };
    const auto count = std::count_if(held.begin(), held.end(), failed);
    for (const FoldResult& result : held) {
      if (failed(result)) candidates.insert(result.candidate);
    }
    std::erase_if(held, [&](const FoldResult& r) { return candidates.contains(r.candidate); });
    std::erase_if(predictions, [&](const auto& e) { return candidates.contains(e.first.first); });
    return int(count);
  }
  std::vector<Settings> candidates() override { return asked; }
  std::vector<FoldResult> results() override { return held; }
  void commit(const FoldResult& result, std::span<const float> probabilities,
              int outdone) override {
    held.push_back(result);
    if (!probabilities.empty()) {
      predictions[{result.candidate, result.fold}] = {probabilities.begin(), probabilities.end()};
    }
    std::erase_if(predictions, [&](const auto& entry) { return entry.first.first == outdone; });
  }
  std::vector<float> probabilities(int candidate, int fold) override {
    const auto found = predictions.find({candidate, fold});
    return found == predictions.end() ? std::vector<float>{} : found->second;
  }

  std::vector<Settings> asked;
  std::vector<FoldResult> held;                                   // in the order of the commits
  std::map<std::pair<int, int>, std::vector<float>> predictions;  // by candidate and fold

 private:
  std::string key_;
};

}  // namespace tailor::internal
