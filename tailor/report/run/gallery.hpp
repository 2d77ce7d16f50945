// Pictures inside the page, as data URIs, so that nothing is loaded from anywhere; and what a model
// said about them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tailor/report/run/report.hpp"

namespace tailor::internal {

// "data:image/png;base64,..."; JPEG where the PNG would be over `png_limit` bytes and the JPEG is
// smaller, so that photographs keep the page within its budget.
std::string image_uri(const Image& image, std::size_t png_limit);

// <img> with its size and the text for those who do not see it.
std::string image_html(const Image& image, std::string_view alternative,
                       std::size_t png_limit = 1 << 20);

// No side longer than `longest`: means over squares of equal size. Small images come back as they
// are.
Image thumbnail(const Image& image, int longest);

// The most probable classes as a list of bars, at most `count`, and the true class where it is not
// among them; a tick marks the true class, bold the one the model chose.
std::string probability_bars(const Pictured& picture, const std::vector<std::string>& class_names,
                             int count);

// One card per image: what it is, what it was taken for where that differs, its index, its bars.
std::string gallery_html(const std::vector<Pictured>& pictures,
                         const std::vector<std::string>& class_names);

}  // namespace tailor::internal
