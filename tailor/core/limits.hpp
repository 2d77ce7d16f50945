// How much of anything Tailor takes, so that no input can make it count past its integers or eat
// memory without end. docs/limits.md lists them for users; an error that meets one says it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tailor::internal {

// Of one image, before anything is allocated for it: Pillow's MAX_IMAGE_PIXELS.
inline constexpr std::uint64_t kMostPixels = 89'478'485;

// Of a data set: rows are counted in 32 bits.
inline constexpr std::uint64_t kMostImages = (std::uint64_t(1) << 31) - 1;

// As many as folders of pictures ask for (ImageNet); a label is 16 bits.
inline constexpr std::size_t kMostClasses = 1000;

// Of a class: what a file name may have (NAME_MAX), since folders will name classes.
inline constexpr std::size_t kMostNameBytes = 255;

// Of a net, those inside of residuals counted.
inline constexpr std::size_t kMostLayers = 4096;
inline constexpr std::size_t kMostResidualDepth = 64;  // of a residual in a residual

// That one layer puts out for one image, zeros around it counted: sizes of operations are ints, and
// channels are rounded up to whole vectors.
inline constexpr std::uint64_t kMostValues = std::uint64_t(1) << 30;

// That one layer puts out for a whole batch, channels in whole vectors: places in it are 32 bits.
inline constexpr std::uint64_t kMostBatchValues = std::uint64_t(1) << 32;

// Of a net, in floats: 4 TiB. A product of sizes that is checked against it step by step never
// wraps.
inline constexpr std::uint64_t kMostWeights = std::uint64_t(1) << 40;

// Of a search: n_iter, or the points of a grid.
inline constexpr std::uint64_t kMostCandidates = 100'000;

// Of a training: its history, a hundred bytes and more an epoch, must stay a text file's (below).
inline constexpr int kMostEpochs = 100'000;

// Of a text file that people or Tailor write: experiments, tables of kernels, metrics, histories,
// the header of a model file.
inline constexpr std::size_t kMostTextBytes = std::size_t(16) << 20;

// Of a key of TOML, dots included, and of a path after --set.
inline constexpr std::size_t kMostKeyBytes = 1000;

// Values of a TOML text, its lines counted too: a value takes a hundred bytes and more as it is
// read.
inline constexpr std::size_t kMostTomlValues = 1'000'000;

// Levels of lists in lists that a reader of TOML or JSON follows.
inline constexpr int kMostDepth = 256;

}  // namespace tailor::internal
