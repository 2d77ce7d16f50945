// A folder with the four files of MNIST's layout: {train,t10k}-{images-idx3,labels-idx1}-ubyte,
// each plain or .gz.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "tailor/data/dataset.hpp"

namespace tailor {

enum class Split { kTrain, kTest };

// Strict: counts of images and labels agree, labels are dense (every class below the largest occurs
// in the training set; a test label beyond the training classes is an error), images of 1 or 3
// channels (N x H x W or N x H x W x C). The ten names of Fashion-MNIST's classes are given to a
// known release of it; any other set has "0", "1", ...; a file `class_names.txt` in the folder, one
// name a line, overrides both. Loading one split does not open the other's images.
Dataset load_split(const std::filesystem::path& dir, Split split);

struct DataIdentity {
  std::string
      fingerprint;  // sha256 over the shape, pixels and labels of train and test (64 hex digits)
  std::string
      release;  // "Fashion-MNIST (current release)", "Fashion-MNIST (first release, ...)" or ""
  std::string warning;  // for the first release: its train/test overlap in one line; otherwise ""
};

// Reads all four files as bytes; the fingerprint does not depend on compression.
DataIdentity identify(const std::filesystem::path& dir);

// SHA-256 of (shape, pixels, labels) of one set.
std::string fingerprint(const Dataset& set);

}  // namespace tailor
