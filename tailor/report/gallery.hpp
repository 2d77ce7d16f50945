// Pictures inside the page: PNGs as data URIs, so that nothing is loaded from anywhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tailor/report/report.hpp"

namespace tailor {

// <img> with its size and the text for those who do not see it.
std::string image_html(const Image& image, std::string_view alternative);

// One small picture per image with what it is, what it was taken for, and how surely.
std::string gallery_html(const std::vector<Pictured>& pictures,
                         const std::vector<std::string>& class_names);

}  // namespace tailor
