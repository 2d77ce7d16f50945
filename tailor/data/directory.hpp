// A folder with the four files of MNIST's layout: {train,t10k}-{images-idx3,labels-idx1}-ubyte,
// plain or gzipped, which the bytes say and not the name. Also taken: .gz behind the name, idx4 for
// idx3, a dot for the hyphen before idx, "test" for "t10k", one prefix for all (EMNIST's,
// QMNIST's), QMNIST's integers for labels. The first of them that can be read is. Any of the files
// may stand for its folder. Labels that are counted from 1 are counted from 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "tailor/data/dataset.hpp"
#include "tailor/data/split.hpp"

namespace tailor::internal {

// Whether any of the four files is in the folder, whatever state it is in.
bool holds_mnist_files(const std::filesystem::path& dir);

// Strict: counts of images and labels agree, labels are dense (every class below the largest occurs
// in the training set; a test label beyond the training classes is an error), images of 1 or 3
// channels (N x H x W or N x H x W x C). The ten names of Fashion-MNIST's classes are given to a
// set with the training labels of a known release of it; any other has "0", "1", ...; a file
// `class_names.txt` in the folder, one name a line, overrides both, and name_classes() all. Loading
// the training set opens no file of the test set; loading the test set reads the training labels
// and the header of the training images, because classes and shape must be those of the training
// set.
Dataset load_split(const std::filesystem::path& dir, Split split);

// What load_split() keeps in memory of this split, in bytes; only headers are read.
std::uint64_t bytes_of_split(const std::filesystem::path& dir, Split split);

// Shape and class names of the training set, without its images and labels.
Dataset load_outline(const std::filesystem::path& dir);

// Other names for the classes. Throws bad_input, naming `source`, where there are not as many, or
// one is empty, no UTF-8, longer than kMostNameBytes or there twice.
void name_classes(Dataset& set, const std::vector<std::string>& names, const std::string& source);

struct DataIdentity {
  std::string fingerprint;  // sha256 of the fingerprints of train and test (64 hex digits)
  std::string release;  // "Fashion-MNIST (current release)", "Fashion-MNIST (first release, ...)",
                        // "Fashion-MNIST's labels with other images" or ""
  std::string warning;  // one line where training images are test images too, with the count of
                        // exact copies; otherwise ""
};

// Reads all four files; the fingerprint does not depend on compression or class names.
DataIdentity identify(const std::filesystem::path& dir);
DataIdentity identify(const Dataset& train, const Dataset& test);  // the same of loaded sets
// The same where their fingerprints are known.
DataIdentity identify(const Dataset& train, const Dataset& test, const std::string& train_sum,
                      const std::string& test_sum);

// SHA-256 of (shape, pixels, labels) of one set.
std::string fingerprint(const Dataset& set);

// How many images of `train` are, byte for byte, images of `test` too.
std::size_t count_shared_images(const Dataset& train, const Dataset& test);

}  // namespace tailor::internal
