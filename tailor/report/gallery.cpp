#include "tailor/report/gallery.hpp"

#include <fmt/format.h>

#include "tailor/report/html.hpp"

namespace tailor {

std::string image_html(const Image& image, std::string_view alternative) {
  return fmt::format(
      "<img src=\"data:image/png;base64,{}\" width=\"{}\" height=\"{}\" alt=\"{}\"/>\n",
      base64(encode_png(image)), image.width, image.height, escape(alternative));
}

std::string gallery_html(const std::vector<Pictured>& pictures,
                         const std::vector<std::string>& class_names) {
  if (pictures.empty()) return "";
  std::string out = "<ul class=\"gallery\">\n";
  for (const Pictured& picture : pictures) {
    const std::string& truth = class_names[std::size_t(picture.true_class)];
    const std::string& guess = class_names[std::size_t(picture.predicted_class)];
    out += "<li>" + image_html(picture.image, fmt::format("Test image {}, {}", picture.index, truth));
    out += fmt::format(
        "<span>{} \xE2\x86\x92 <b>{}</b></span>\n<span class=\"soft\">{}, true {}</span>\n",
        escape(truth), escape(guess),
        percent(picture.probabilities[std::size_t(picture.predicted_class)], 1),
        percent(picture.probabilities[std::size_t(picture.true_class)], 1));
    out += fmt::format("<span class=\"soft\">image {}</span></li>\n", picture.index);
  }
  return out + "</ul>\n";
}

}  // namespace tailor
