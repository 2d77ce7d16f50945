// What embedding and checking a data set leave behind: plain records, read by the report and the
// command line. Points are numbered in the order they were given.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tailor::internal {

// The k nearest other points of every point: rows of k, nearest first, equal distances by index.
struct Neighbours {
  std::size_t points = 0;
  int k = 0;
  std::vector<std::uint32_t> index;  // points x k
  std::vector<float> distance;       // points x k, Euclidean, computed by subtraction
};

// One moment of an optimisation.
struct MapFrame {
  int step = 0;                    // 0 = the start
  double kl = 0;                   // Kullback-Leibler divergence, exaggeration taken out
  std::vector<float> coordinates;  // points x dimensions
};

// How well a map keeps what was near together. Shares, 0 to 1.
struct MapQuality {
  double kl = 0;               // at the end; 0 for a map without neighbours' probabilities (PCA)
  double trustworthiness = 0;  // Venna & Kaski 2001, k = 10, as scikit-learn's
  double kept_neighbours = 0;  // mean share of the 10 nearest in space among the 10 on the map
  double map_accuracy = 0;     // majority class of the 10 nearest on the map is the own class
  double space_accuracy = 0;   // the same in the space that was embedded
  int sampled = 0;             // points that trustworthiness was measured on
};

struct Embedding {
  std::string name;    // "raw pixels", "learned features"
  std::string method;  // "t-SNE, perplexity 30, 750 steps, seed 1"
  int dimensions = 2;
  std::size_t points = 0;
  std::vector<MapFrame> frames;  // from the start (PCA) to the end; never empty
  MapQuality quality;
  const std::vector<float>& coordinates() const { return frames.back().coordinates; }
};

// Two images that are the same (distance 0) or nearly so; a < b.
struct NearPair {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  float distance = 0;  // Euclidean, in pixel values
};

struct NearPairs {
  double threshold = 0;         // pairs nearer than this are listed
  std::vector<NearPair> pairs;  // by distance, then a, then b
  std::int64_t count = 0;       // that there are; pairs holds the nearest of them, mostly all
};

// How an image stands among those of its class.
struct ClassStanding {
  std::uint32_t point = 0;
  float score = 0;  // mean distance to its 10 nearest of the same class
};

struct ClassPortrait {
  int label = 0;
  std::vector<std::uint8_t> mean;      // the mean image, rounded
  std::vector<ClassStanding> ranking;  // all images of the class, most typical first
};

}  // namespace tailor::internal
