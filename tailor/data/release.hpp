// Which published data set this is, told by content.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "tailor/core/label.hpp"

namespace tailor::internal {

enum class Release { kUnknown, kFashionCurrent, kFashionFirst };

// By the training labels, in order: 60,000 labels are a set's signature, and reading them costs
// next to nothing.
Release release_of_labels(std::span<const Label> train_labels);

// The ten classes of Fashion-MNIST, in label order (zalandoresearch/fashion-mnist, README).
std::span<const std::string_view> fashion_class_names();

// fingerprint() of the images and labels of Fashion-MNIST's current release.
std::string_view fashion_train_fingerprint();
std::string_view fashion_test_fingerprint();

}  // namespace tailor::internal
