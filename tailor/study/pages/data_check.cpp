#include "tailor/study/pages/data_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/csv.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/text.hpp"
#include "tailor/embed/components/pca.hpp"
#include "tailor/embed/neighbours/near_pairs.hpp"
#include "tailor/embed/neighbours/neighbours.hpp"
#include "tailor/embed/portraits.hpp"
#include "tailor/study/image_source.hpp"
#include "tailor/train/confident_learning.hpp"

namespace tailor::internal {
namespace {

constexpr int kCompared = 50;
constexpr int kNeighbours = 10;
constexpr std::size_t kShownPairs = 60;
constexpr std::size_t kShownLabels = 120;
constexpr std::size_t kShownPerClass = 12;

// Row of both splits -> split, index, label.
struct Placed {
  bool test;
  std::uint32_t row;    // in the split
  std::uint32_t index;  // in its file
  int label;
};

Placed place(std::uint32_t row, const Dataset& train, const Dataset& test) {
  const bool in_test = row >= train.size();
  const Dataset& split = in_test ? test : train;
  const auto own = in_test ? std::uint32_t(row - train.size()) : row;
  return {in_test, own, split.number_of(own), split.labels[own]};
}

CheckedImage picture(std::uint32_t row, const Dataset& train, const Dataset& test) {
  const Placed at = place(row, train, test);
  const auto pixels = (at.test ? test : train).image(at.row);
  return {at.test, at.index, at.label, {pixels.begin(), pixels.end()}};
}

std::int64_t across(const NearPairs& pairs, const Dataset& train) {
  return std::count_if(pairs.pairs.begin(), pairs.pairs.end(), [&](const NearPair& pair) {
    return (pair.a < train.size()) != (pair.b < train.size());
  });
}

std::vector<CheckedPair> pictures_of(const NearPairs& pairs, const Dataset& train,
                                     const Dataset& test) {
  std::vector<CheckedPair> out;
  for (const NearPair& pair : pairs.pairs) {
    if (out.size() == kShownPairs) break;
    out.push_back({picture(pair.a, train, test), picture(pair.b, train, test), pair.distance});
  }
  return out;
}

std::vector<std::int64_t> counts(const Dataset& set) {
  std::vector<std::int64_t> out(set.class_names.size());
  for (const Label label : set.labels) ++out[label];
  return out;
}

std::vector<std::string> placed_cells(const Placed& at, const Dataset& train) {
  return {split_name(at.test), std::to_string(at.index), std::to_string(at.label),
          train.class_names[std::size_t(at.label)]};
}

std::string pairs_csv(const NearPairs& pairs, const Dataset& train, const Dataset& test) {
  Csv csv({"rank", "split_a", "index_a", "label_a", "class_a", "split_b", "index_b", "label_b",
           "class_b", "distance"});
  for (std::size_t i = 0; i < pairs.pairs.size(); ++i) {
    const NearPair& pair = pairs.pairs[i];
    std::vector<std::string> row = {std::to_string(i + 1)};
    for (const std::uint32_t member : {pair.a, pair.b}) {
      const auto cells = placed_cells(place(member, train, test), train);
      row.insert(row.end(), cells.begin(), cells.end());
    }
    row.push_back(fmt::format("{:.4f}", pair.distance));
    csv.add(row);
  }
  return csv.text();
}

std::string typicality_csv(const Findings& findings, const Dataset& train, const Dataset& test) {
  Csv csv({"label", "class", "rank", "split", "index", "distance"});
  for (const ClassPortrait& portrait : findings.portraits) {
    for (std::size_t i = 0; i < portrait.ranking.size(); ++i) {
      const Placed at = place(portrait.ranking[i].point, train, test);
      csv.add({std::to_string(portrait.label), train.class_names[std::size_t(portrait.label)],
               std::to_string(i + 1), split_name(at.test), std::to_string(at.index),
               fmt::format("{:.3f}", portrait.ranking[i].score)});
    }
  }
  return csv.text();
}

std::string balance_csv(const Dataset& train, const Dataset& test) {
  Csv csv({"label", "class", "train", "test"});
  const auto in_train = counts(train), in_test = counts(test);
  for (std::size_t c = 0; c < in_train.size(); ++c) {
    csv.add({std::to_string(c), train.class_names[c], std::to_string(in_train[c]),
             std::to_string(c < in_test.size() ? in_test[c] : 0)});
  }
  return csv.text();
}

std::string labels_csv(const Findings& findings, const Dataset& train) {
  Csv csv({"rank", "split", "index", "given", "given_class", "guess", "guess_class",
           "given_probability", "guess_probability", "flagged"});
  for (std::size_t i = 0; i < findings.labels.size(); ++i) {
    const LabelSuspect& suspect = findings.labels[i];
    csv.add({std::to_string(i + 1), "train", std::to_string(train.number_of(suspect.row)),
             std::to_string(suspect.given), train.class_names[std::size_t(suspect.given)],
             std::to_string(suspect.guess), train.class_names[std::size_t(suspect.guess)],
             fmt::format("{:.6f}", suspect.given_probability),
             fmt::format("{:.6f}", suspect.guess_probability), suspect.flagged ? "1" : "0"});
  }
  return csv.text();
}

CheckedClass class_page(const ClassPortrait& portrait, const Dataset& train, const Dataset& test) {
  CheckedClass page;
  page.mean = portrait.mean;
  const std::size_t shown = std::min(kShownPerClass, portrait.ranking.size());
  for (std::size_t i = 0; i < shown; ++i) {
    page.typical.push_back(picture(portrait.ranking[i].point, train, test));
    const ClassStanding& odd = portrait.ranking[portrait.ranking.size() - 1 - i];
    page.unusual.push_back(picture(odd.point, train, test));
  }
  return page;
}

std::int64_t flagged(const Findings& findings) {
  return std::count_if(findings.labels.begin(), findings.labels.end(),
                       [](const LabelSuspect& suspect) { return suspect.flagged; });
}

// Whose predictions, how good they are, and what follows from that.
std::string judged_by(const Findings& findings) {
  if (findings.label_source.empty()) return "";
  const JudgeQuality& judges = findings.judges;
  std::string text =
      fmt::format("{}; judged by models that are right on {:.1f} % of held-out images",
                  findings.label_source, 100 * judges.accuracy);
  if (judges.sure_from > 1) return text + ", too few to doubt a label";
  if (judges.sure_from > 0) {
    text += fmt::format(", so only guesses of {:.1f} % and more count, {:.0f} % of which are right",
                        100 * judges.sure_from, 100 * kTrustedAccuracy);
  }
  return text;
}

}  // namespace

Findings check_data(const Dataset& train, const Dataset& test,
                    const std::optional<HeldOutPredictions>& predictions,
                    const CheckOptions& options, Engine& engine, const Observer& observer) {
  std::vector<std::uint8_t> pixels(train.pixels.begin(), train.pixels.end());
  pixels.insert(pixels.end(), test.pixels.begin(), test.pixels.end());
  std::vector<Label> labels = train.labels;
  labels.insert(labels.end(), test.labels.begin(), test.labels.end());
  const std::size_t points = labels.size();
  std::vector<float> projected;
  observer.work_on("check: principal components");
  {
    const std::vector<float> values = as_floats(pixels);
    const Pca pca = fit_pca(values, points, kCompared, engine);
    projected = project(pca, values, points, engine);
    if (pca.components == 0) projected.assign(points, 0);  // all images are the same
  }
  const int k = int(std::min<std::size_t>(kNeighbours, points - 1));
  observer.work_on("check: nearest neighbours");
  const Neighbours nearest = nearest_neighbours(projected, points, k, engine);

  Findings findings;
  observer.work_on("check: duplicates");
  findings.equal = equal_pairs(pixels, points);
  findings.near = near_pairs(pixels, points, projected, nearest,
                             near_threshold(pixels, nearest, options.near, engine), engine);
  observer.work_on("check: typical and unusual images");
  findings.portraits = class_portraits(pixels, projected, labels, train.classes(), engine);
  if (predictions) {
    observer.work_on("check: labels");
    findings.labels = label_suspects(predictions->probabilities, train.labels, train.classes());
    findings.label_source = predictions->source;
    findings.judges = judge_quality(predictions->probabilities, train.labels, train.classes());
    keep_flags_of_sure(findings.labels, findings.judges.sure_from);
  }
  return findings;
}

std::vector<std::filesystem::path> write_findings(const std::filesystem::path& folder,
                                                  const Findings& findings, const Dataset& train,
                                                  const Dataset& test) {
  make_folder(folder);
  remove_leftovers(folder);  // whoever calls holds the lock of this folder or the one above
  std::vector<std::filesystem::path> written;
  const auto write = [&](const char* name, const std::string& text) {
    written.push_back(folder / name);
    write_file_atomic(written.back(), text);
  };
  write("balance.csv", balance_csv(train, test));
  write("typicality.csv", typicality_csv(findings, train, test));
  write("duplicates.csv", pairs_csv(findings.equal, train, test));
  write("near_duplicates.csv", pairs_csv(findings.near, train, test));
  if (!findings.label_source.empty()) {
    write("label_suspects.csv", labels_csv(findings, train));
  } else {
    remove_file(folder / "label_suspects.csv");  // an earlier check's
  }
  return written;
}

DataCheck check_page(const Findings& findings, const Dataset& train, const Dataset& test) {
  DataCheck page;
  const auto in_train = counts(train), in_test = counts(test);
  for (const ClassPortrait& portrait : findings.portraits) {
    CheckedClass& made = page.classes.emplace_back(class_page(portrait, train, test));
    const auto label = std::size_t(portrait.label);
    made.train = in_train[label];
    made.test = label < in_test.size() ? in_test[label] : 0;
  }
  page.equal = pictures_of(findings.equal, train, test);
  page.near = pictures_of(findings.near, train, test);
  page.equal_count = std::int64_t(findings.equal.pairs.size());
  page.equal_across = across(findings.equal, train);
  page.near_count = findings.near.count;
  page.near_across = across(findings.near, train);
  page.near_threshold = findings.near.threshold;
  for (const LabelSuspect& suspect : findings.labels) {
    if (page.labels.size() == kShownLabels) break;
    if (!suspect.flagged) continue;  // the page counts the flagged ones; the list has all
    page.labels.push_back({picture(suspect.row, train, test), suspect});
  }
  page.label_count = flagged(findings);
  page.label_source = judged_by(findings);
  return page;
}

DataFindings count(const Findings& findings, const Dataset& train) {
  DataFindings counts{std::int64_t(findings.equal.pairs.size()),
                      across(findings.equal, train),
                      findings.near.count,
                      across(findings.near, train),
                      findings.near.threshold,
                      std::nullopt,
                      findings.label_source};
  counts.near_listed = std::int64_t(findings.near.pairs.size());
  if (!findings.label_source.empty()) {
    counts.label_suspects = flagged(findings);
    counts.label_judge_accuracy = findings.judges.accuracy;
  }
  return counts;
}

std::string to_text(const DataFindings& f) {
  std::string text = fmt::format(
      "exact duplicates      {:>7} pairs, {} across train and test\n"
      "near duplicates       {:>7} pairs, {} across train and test (distance up to {:.1f})\n",
      grouped(double(f.duplicates)), f.duplicates_across, grouped(double(f.near_duplicates)),
      f.near_duplicates_across, f.near_threshold);
  if (f.near_listed < f.near_duplicates) {
    text += fmt::format(
        "                              of which the nearest {} are listed and looked "
        "at for these\n",
        grouped(double(f.near_listed)));
  }
  if (f.label_suspects) {
    text += fmt::format(
        "labels worth a look   {:>7} training images, judged by models that are "
        "right on {:.1f} % of held-out images\n                              ({})\n",
        grouped(double(*f.label_suspects)), 100 * f.label_judge_accuracy, f.label_source);
  }
  return text;
}

}  // namespace tailor::internal
