// What the records of pages.hpp are made from.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/browser/pages.hpp"

namespace tailor::internal::browser {

// Classes take turns: point i belongs to class i mod classes.
Label label_of(const SmallSet& set, std::size_t point);

// height x width x channels: each class has a disc of its own place, size and colour; points differ
// by a shift and noise.
std::vector<std::uint8_t> drawn_pixels(const SmallSet& set, std::size_t point);
Image drawn_image(const SmallSet& set, std::size_t point);

// Points x classes: sure of the class, except that every tenth point is taken for the next class.
std::vector<float> drawn_probabilities(const SmallSet& set);

// In -1 .. 1, by what it is for and a number.
double noise(std::uint32_t purpose, std::uint64_t number);

}  // namespace tailor::internal::browser
