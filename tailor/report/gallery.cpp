#include "tailor/report/gallery.hpp"

#include <fmt/format.h>

#include "tailor/report/html.hpp"

namespace tailor {

std::string image_html(const Image& image, std::string_view alternative) {
  return fmt::format(
      "<img src=\"data:image/png;base64,{}\" width=\"{}\" height=\"{}\" alt=\"{}\"/>\n",
      base64(encode_png(image)), image.width, image.height, escape(alternative));
}

std::string gallery_html(const std::vector<Mistake>& mistakes) {
  if (mistakes.empty()) return "";
  std::string out = "<ul class=\"gallery\">\n";
  for (const Mistake& mistake : mistakes) {
    const std::string name = fmt::format("Test image {}, {}", mistake.index, mistake.true_class);
    out += "<li>" + image_html(mistake.image, name);
    out += fmt::format(
        "<span>{} \xE2\x86\x92 <b>{}</b></span>\n<span class=\"soft\">{}, true {}</span>\n",
        escape(mistake.true_class), escape(mistake.predicted_class),
        percent(mistake.probability, 1), percent(mistake.true_probability, 1));
    out += fmt::format("<span class=\"soft\">image {}</span></li>\n", mistake.index);
  }
  return out + "</ul>\n";
}

}  // namespace tailor
