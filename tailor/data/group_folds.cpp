#include "tailor/data/group_folds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "tailor/core/error.hpp"
#include "tailor/core/random/numpy_random.hpp"

namespace tailor::internal {
namespace {

using Doubles = std::vector<double>;

// NumPy's sum of values side by side (loops_utils.h.src, pairwise_sum): its rounding decides ties.
double pairwise_sum(const double* values, std::size_t count) {
  if (count < 8) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += values[i];
    return sum;
  }
  if (count > 128) {
    std::size_t half = count / 2;
    half -= half % 8;
    return pairwise_sum(values, half) + pairwise_sum(values + half, count - half);
  }
  double r[8];
  std::copy_n(values, 8, r);
  std::size_t i = 8;
  for (; i < count - count % 8; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) r[k] += values[i + k];
  }
  double sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  for (; i < count; ++i) sum += values[i];
  return sum;
}

double mean_of(const Doubles& values) {
  return pairwise_sum(values.data(), values.size()) / double(values.size());
}

// np.std of a row.
double deviation(const Doubles& values) {
  const double mean = mean_of(values);
  Doubles squares;
  for (const double value : values) squares.push_back((value - mean) * (value - mean));
  return std::sqrt(mean_of(squares));
}

// np.isclose with its defaults.
bool is_close(double a, double b) {
  return std::abs(a - b) <= 1e-8 + 1e-5 * std::abs(b);
}

// Numbers 0, 1, ... in the order of the values, as np.unique has them.
template <class Number>
std::vector<std::size_t> numbered(std::span<const Number> values, std::size_t& count) {
  std::map<Number, std::size_t> known;
  for (const Number value : values) known.emplace(value, 0);
  count = 0;
  for (auto& [value, number] : known) number = count++;
  std::vector<std::size_t> numbers;
  for (const Number value : values) numbers.push_back(known.at(value));
  return numbers;
}

class FoldCounts {
 public:
  FoldCounts(int folds, Doubles class_counts)
      : class_counts_(std::move(class_counts)),
        counts_(std::size_t(folds), Doubles(class_counts_.size())) {}

  // _find_best_fold; the group is counted there.
  std::size_t place(const Doubles& group) {
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity(), fewest = least;
    for (std::size_t fold = 0; fold < counts_.size(); ++fold) {
      add(fold, group, 1);
      const double unevenness = mean_of(deviations());
      add(fold, group, -1);
      const double images = pairwise_sum(counts_[fold].data(), counts_[fold].size());
      if (unevenness < least || (is_close(unevenness, least) && images < fewest)) {
        least = unevenness;
        fewest = images;
        best = fold;
      }
    }
    add(best, group, 1);
    return best;
  }

 private:
  void add(std::size_t fold, const Doubles& group, double sign) {
    for (std::size_t c = 0; c < group.size(); ++c) counts_[fold][c] += sign * group[c];
  }

  // np.std(counts / class_counts, axis=0): sums go from fold to fold.
  Doubles deviations() const {
    const auto folds = double(counts_.size());
    Doubles out;
    for (std::size_t c = 0; c < class_counts_.size(); ++c) {
      double sum = 0, squares = 0;
      for (const Doubles& fold : counts_) sum += fold[c] / class_counts_[c];
      const double mean = sum / folds;
      for (const Doubles& fold : counts_) {
        const double apart = fold[c] / class_counts_[c] - mean;
        squares += apart * apart;
      }
      out.push_back(std::sqrt(squares / folds));
    }
    return out;
  }

  Doubles class_counts_;
  std::vector<Doubles> counts_;
};

struct GroupedRows {
  std::vector<std::size_t> group_of, class_of;  // of every row
  std::vector<Doubles> counts;                  // group x class
  Doubles class_counts;
};

GroupedRows grouped_rows(std::span<const Label> labels, std::span<const std::uint32_t> groups) {
  GroupedRows rows;
  std::size_t classes = 0, count = 0;
  rows.class_of = numbered(labels, classes);
  rows.group_of = numbered(groups, count);
  rows.counts.assign(count, Doubles(classes));
  rows.class_counts.assign(classes, 0);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ++rows.counts[rows.group_of[i]][rows.class_of[i]];
    ++rows.class_counts[rows.class_of[i]];
  }
  return rows;
}

void check_groups(const GroupedRows& rows, std::span<const Label> labels, int splits) {
  if (splits < 2) {
    throw bad_input(fmt::format("cross-validation needs at least 2 folds, not {}", splits));
  }
  for (std::size_t c = 0; c < rows.class_counts.size(); ++c) {
    std::size_t groups = 0;
    for (const Doubles& counts : rows.counts) groups += counts[c] > 0;
    if (groups >= std::size_t(splits)) continue;
    const auto row = std::ranges::find(rows.class_of, c) - rows.class_of.begin();
    throw bad_input(
        fmt::format("{} folds need {} groups of images of every class, but class {} has only {} "
                    "(images that are nearly the same are one group): ask for fewer folds, give "
                    "more images, or set data.group = \"none\"",
                    splits, splits, labels[std::size_t(row)], groups));
  }
}

}  // namespace

std::vector<Fold> stratified_group_folds(std::span<const Label> labels,
                                         std::span<const std::uint32_t> groups,
                                         const FoldOptions& options) {
  if (labels.empty()) throw bad_input("cannot make folds of no images");
  const GroupedRows rows = grouped_rows(labels, groups);
  check_groups(rows, labels, options.splits);
  std::vector<int> order(rows.counts.size());
  std::iota(order.begin(), order.end(), 0);
  if (options.shuffle) NumpyRandom(options.random_state).shuffle(order);
  std::vector<std::pair<double, std::size_t>> sorted;  // of groups in the shuffled order
  for (const int group : order) {
    sorted.emplace_back(-deviation(rows.counts[std::size_t(group)]), std::size_t(group));
  }
  std::ranges::stable_sort(sorted, {}, &std::pair<double, std::size_t>::first);
  FoldCounts counts(options.splits, rows.class_counts);
  std::vector<std::size_t> fold_of(rows.counts.size());
  for (const auto& [less, group] : sorted) fold_of[group] = counts.place(rows.counts[group]);
  std::vector<Fold> folds(std::size_t(options.splits));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t f = 0; f < folds.size(); ++f) {
      Fold& fold = folds[f];
      (fold_of[rows.group_of[i]] == f ? fold.test : fold.train).push_back(std::uint32_t(i));
    }
  }
  return folds;
}

std::vector<Fold> folds_of(const Dataset& set, const FoldOptions& options) {
  return set.groups.empty() ? stratified_folds(set.labels, options)
                            : stratified_group_folds(set.labels, set.groups, options);
}

Indices cut_groups(std::span<const Label> labels, std::span<const std::uint32_t> groups,
                   double share, std::uint64_t seed) {
  const GroupedRows rows = grouped_rows(labels, groups);
  std::vector<int> order(rows.counts.size());
  std::iota(order.begin(), order.end(), 0);
  NumpyRandom(std::uint32_t(seed)).shuffle(order);
  Doubles wanted, taken(rows.class_counts.size()), left = rows.class_counts;
  for (const double count : rows.class_counts) wanted.push_back(std::max(share * count, 1.0));
  std::vector<bool> in_cut(rows.counts.size());
  const auto empties = [&](const Doubles& counts) {
    for (std::size_t c = 0; c < counts.size(); ++c) {
      if (counts[c] > 0 && left[c] == counts[c]) return true;
    }
    return false;
  };
  const auto take = [&](int group) {
    const Doubles& counts = rows.counts[std::size_t(group)];
    in_cut[std::size_t(group)] = true;
    for (std::size_t c = 0; c < counts.size(); ++c) {
      taken[c] += counts[c];
      left[c] -= counts[c];
    }
  };
  for (const int group : order) {
    const Doubles& counts = rows.counts[std::size_t(group)];
    double gain = 0;
    for (std::size_t c = 0; c < counts.size(); ++c) {
      if (counts[c] == 0) continue;
      gain +=
          (std::abs(wanted[c] - taken[c]) - std::abs(wanted[c] - taken[c] - counts[c])) / wanted[c];
    }
    if (gain > 0 && !empties(counts)) take(group);
  }
  // A class of large groups only, each of twice its share and more: the smallest it can spare.
  for (std::size_t c = 0; c < taken.size(); ++c) {
    if (taken[c] > 0) continue;
    int smallest = -1;
    for (const int group : order) {
      const Doubles& counts = rows.counts[std::size_t(group)];
      if (counts[c] == 0 || empties(counts)) continue;
      if (smallest < 0 || counts[c] < rows.counts[std::size_t(smallest)][c]) smallest = group;
    }
    if (smallest >= 0) take(smallest);
  }
  Indices cut;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (in_cut[rows.group_of[i]]) cut.push_back(std::uint32_t(i));
  }
  return cut;
}

}  // namespace tailor::internal
