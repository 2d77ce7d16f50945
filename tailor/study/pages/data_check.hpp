// What is odd about a data set: class balance, typical and unusual images, copies inside and across
// the splits, labels that are probably wrong. What `tailor data check` and a run share.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tailor/data/dataset.hpp"
#include "tailor/embed/records.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/report/explorer/explorer.hpp"
#include "tailor/study/metrics.hpp"
#include "tailor/study/observer.hpp"
#include "tailor/train/confident_learning.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal {

// All findings; rows number the training images, then the test images.
struct Findings {
  std::vector<ClassPortrait> portraits;  // by label
  NearPairs equal;
  NearPairs near;                    // the equal ones left out
  std::vector<LabelSuspect> labels;  // rows of the training set
  std::string label_source;          // "" where no predictions were at hand
  JudgeQuality judges;               // of those; flags stand only where they can be believed
};

// Predictions for every training image by models that did not train on it.
struct HeldOutPredictions {
  std::vector<float> probabilities;  // rows x classes
  std::string source;                // "3 folds of the search's best candidate"
};

struct CheckOptions {
  // Pairs nearer than this share of the median distance to a nearest neighbour are listed. By eye,
  // up to 0.165 every pair of Fashion-MNIST is one article, and beyond 0.22 unlike prints mix in.
  double near = 0.2;
};

Findings check_data(const Dataset& train, const Dataset& test,
                    const std::optional<HeldOutPredictions>& predictions,
                    const CheckOptions& options, Engine& engine, const Observer& observer);

// balance.csv, typicality.csv, duplicates.csv, near_duplicates.csv and, with predictions,
// label_suspects.csv; each ranked, all rows. Returns their paths.
std::vector<std::filesystem::path> write_findings(const std::filesystem::path& folder,
                                                  const Findings& findings, const Dataset& train,
                                                  const Dataset& test);

// The first of every list, with pictures.
DataCheck check_page(const Findings& findings, const Dataset& train, const Dataset& test);

// What metrics.json says of them, and a few lines for people.
DataFindings count(const Findings& findings, const Dataset& train);
std::string to_text(const DataFindings& findings);

}  // namespace tailor::internal
