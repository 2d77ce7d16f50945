#include "tailor/report/charts/effect.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "tailor/report/parts/statistics.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kLeastEffectScores = 5;  // with fewer, any order looks like a rule
constexpr std::size_t kOwnGroups = 5;          // distinct numbers that are a group each
constexpr std::size_t kNumberGroups = 4;       // of more distinct ones, each of equal size

// 95 % of chance's sums of squares stay below (Wilson and Hilferty 1931).
double chi_square_limit(double freedom) {
  const double part = 2 / (9 * freedom);
  return freedom * std::pow(1 - part + 1.645 * std::sqrt(part), 3);
}

// Equal values share a group.
std::vector<std::size_t> groups_of(const std::vector<double>& numbers) {
  std::vector<double> sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  const bool few = std::set<double>(sorted.begin(), sorted.end()).size() <= kOwnGroups;
  std::vector<std::size_t> groups;
  for (const double number : numbers) {
    const auto before = std::lower_bound(sorted.begin(), sorted.end(), number) - sorted.begin();
    groups.push_back(few ? std::size_t(before)
                         : std::size_t(before) * kNumberGroups / sorted.size());
  }
  return groups;
}

std::vector<std::size_t> groups_of(const std::vector<std::string>& texts) {
  std::map<std::string, std::size_t> places;
  std::vector<std::size_t> groups;
  for (const std::string& text : texts) {
    groups.push_back(places.emplace(text, places.size()).first->second);
  }
  return groups;
}

// Kruskal's and Wallis's test, from the share that it is made of.
bool groups_differ(double share, std::size_t n, const std::vector<std::size_t>& groups) {
  const double count = double(std::set<std::size_t>(groups.begin(), groups.end()).size());
  if (count < 2 || count >= double(n)) return false;
  const double uncorrected = 1 - (1 - share) * (double(n) - count) / (double(n) - 1);
  return share > 0 && uncorrected * (double(n) - 1) > chi_square_limit(count - 1);
}

}  // namespace

Effect effect_of(const SearchResult& search, const std::string& path) {
  std::vector<double> scores, numbers;
  std::vector<std::string> texts;
  bool numeric = true;
  for (const CandidateRow& row : search.rows) {
    const auto found = row.params.find(path);
    if (found == row.params.end() || !std::isfinite(row.mean_test_score)) continue;
    scores.push_back(row.mean_test_score);
    numbers.push_back(number_of(found->second));
    texts.push_back(to_text(found->second));
    numeric = numeric && std::isfinite(numbers.back());
  }
  if (scores.size() < kLeastEffectScores) return {};
  if (!numeric) {
    const std::vector<std::size_t> groups = groups_of(texts);
    const double share = explained_share(scores, groups);
    return {share, groups_differ(share, scores.size(), groups)};
  }
  const double correlation = rank_correlation(numbers, scores);
  return {std::max(explained_share(scores, groups_of(numbers)),
                   explained_by_rank(correlation, scores.size())),
          std::abs(correlation) > chance_correlation(scores.size())};
}

bool matters_more(const Effect& a, const Effect& b) {
  return a.clear != b.clear ? a.clear : a.share > b.share;
}

}  // namespace tailor::internal
