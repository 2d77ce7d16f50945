// A labelled image set in memory: bytes as they came, one contiguous block.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/core/shape.hpp"

namespace tailor {

// Rows of a data set, in the order they are to be read. Folds, slices and shuffles are index lists;
// nothing is copied.
using Indices = std::vector<std::uint32_t>;

// The pixels of a set, image after image: bytes of its own, or some that lie elsewhere, as in a
// mapped file, and are copied when they are first changed.
class PixelBytes {
 public:
  PixelBytes() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a list of bytes is what pixels mostly are
  PixelBytes(std::vector<std::uint8_t> bytes) : own_(std::move(bytes)) {}
  PixelBytes(std::initializer_list<std::uint8_t> bytes) : own_(bytes) {}
  // `keeper` holds them for as long as it lives.
  PixelBytes(std::shared_ptr<const void> keeper, std::span<const std::uint8_t> bytes)
      : keeper_(std::move(keeper)), elsewhere_(bytes) {}

  std::size_t size() const { return keeper_ ? elsewhere_.size() : own_.size(); }
  bool empty() const { return size() == 0; }
  const std::uint8_t* data() const { return keeper_ ? elsewhere_.data() : own_.data(); }
  const std::uint8_t* begin() const { return data(); }
  const std::uint8_t* end() const { return data() + size(); }
  std::uint8_t operator[](std::size_t i) const { return data()[i]; }
  // NOLINTNEXTLINE(google-explicit-constructor)
  operator std::span<const std::uint8_t>() const { return {data(), size()}; }

  // To be changed.
  std::vector<std::uint8_t>& own() {
    if (keeper_) own_.assign(elsewhere_.begin(), elsewhere_.end());
    keeper_.reset();
    return own_;
  }
  void push_back(std::uint8_t byte) { own().push_back(byte); }
  void reserve(std::size_t bytes) { own().reserve(bytes); }
  void append(std::span<const std::uint8_t> bytes) {
    own().insert(own_.end(), bytes.begin(), bytes.end());
  }

  friend bool operator==(const PixelBytes& a, const PixelBytes& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::vector<std::uint8_t> own_;
  std::shared_ptr<const void> keeper_;
  std::span<const std::uint8_t> elsewhere_;
};

struct Dataset {
  Shape shape;                // of one image
  PixelBytes pixels;          // each height x width x channels (channels last, as in IDX)
  std::vector<Label> labels;  // one per image, 0 .. class_names.size() - 1
  std::vector<std::string> class_names;
  Indices origin = {};  // of a slice: where each image stands in its file; empty = as numbered here

  // One each: images of one group are never on two sides of a split. Empty: each is alone.
  std::vector<std::uint32_t> groups = {};

  // The number people know image i by.
  std::uint32_t number_of(std::size_t i) const {
    return origin.empty() ? std::uint32_t(i) : origin[i];
  }
  std::size_t size() const { return labels.size(); }
  int classes() const { return int(class_names.size()); }
  std::span<const std::uint8_t> image(std::size_t i) const {
    return {pixels.data() + i * shape.size(), shape.size()};
  }
};

}  // namespace tailor
