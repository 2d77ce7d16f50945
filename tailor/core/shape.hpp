// The logical size of one image or one activation, without the batch.
#pragma once

#include <cstddef>
#include <string>

namespace tailor {

struct Shape {
  int channels = 1;
  int height = 1;
  int width = 1;

  std::size_t size() const {
    return std::size_t(channels) * std::size_t(height) * std::size_t(width);
  }
  bool operator==(const Shape&) const = default;
};

// "28x28x1": height, width, channels, as Keras prints it.
inline std::string to_string(const Shape& s) {
  return std::to_string(s.height) + "x" + std::to_string(s.width) + "x" +
         std::to_string(s.channels);
}

}  // namespace tailor
