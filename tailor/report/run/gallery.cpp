#include "tailor/report/run/gallery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "tailor/report/parts/html.hpp"
#include "tailor/report/picture/evidence.hpp"

namespace tailor::internal {
namespace {

constexpr int kJpegQuality = 88;
constexpr int kCardPixels = 80;
constexpr std::size_t kCardBytes = 8 * 1024;  // as PNG; 48 cards then stay under 0.5 MB
constexpr int kCardBars = 3;

// Mean over the square of `factor` pixels that starts at (top, left), cut at the image's edge.
std::uint8_t mean_of(const Image& image, int top, int left, int factor, int channel) {
  const int bottom = std::min(top + factor, image.height);
  const int right = std::min(left + factor, image.width);
  std::uint64_t sum = 0;
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      sum += image.pixels[(std::size_t(y) * std::size_t(image.width) + std::size_t(x)) *
                              std::size_t(image.channels) +
                          std::size_t(channel)];
    }
  }
  const std::uint64_t count = std::uint64_t(bottom - top) * std::uint64_t(right - left);
  return std::uint8_t((sum + count / 2) / count);
}

// By falling probability, the lower class first where equal; at most `count`, the true one always.
std::vector<int> shown_classes(const Pictured& picture, int count) {
  std::vector<int> order(picture.probabilities.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return picture.probabilities[std::size_t(a)] > picture.probabilities[std::size_t(b)];
  });
  const auto kept = std::size_t(std::min<std::ptrdiff_t>(count, std::ptrdiff_t(order.size())));
  const auto truth =
      std::find(order.begin() + std::ptrdiff_t(kept), order.end(), picture.true_class);
  const bool hidden = truth != order.end();
  order.resize(kept);
  if (hidden) order.push_back(picture.true_class);
  return order;
}

std::string card_title(const Pictured& picture, const std::vector<std::string>& class_names) {
  const std::string truth = escape(class_names[std::size_t(picture.true_class)]);
  if (picture.predicted_class == picture.true_class) return "";  // the first bar says it
  return "<p>" + truth + " taken for <b>" +
         escape(class_names[std::size_t(picture.predicted_class)]) + "</b></p>\n";
}

}  // namespace

std::string image_uri(const Image& image, std::size_t png_limit) {
  const std::vector<std::uint8_t> png = encode_png(image);
  if (png.size() > png_limit) {
    const std::vector<std::uint8_t> jpeg = encode_jpeg(image, kJpegQuality);
    if (jpeg.size() < png.size()) return "data:image/jpeg;base64," + base64(jpeg);
  }
  return "data:image/png;base64," + base64(png);
}

std::string image_html(const Image& image, std::string_view alternative, std::size_t png_limit) {
  return fmt::format("<img src=\"{}\" width=\"{}\" height=\"{}\" alt=\"{}\"/>\n",
                     image_uri(image, png_limit), image.width, image.height, escape(alternative));
}

Image thumbnail(const Image& image, int longest) {
  const int factor = (std::max(image.height, image.width) + longest - 1) / longest;
  if (factor <= 1) return image;
  Image small{(image.height + factor - 1) / factor,
              (image.width + factor - 1) / factor,
              image.channels,
              {}};
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      for (int c = 0; c < small.channels; ++c) {
        small.pixels.push_back(mean_of(image, y * factor, x * factor, factor, c));
      }
    }
  }
  return small;
}

std::string probability_bars(const Pictured& picture, const std::vector<std::string>& class_names,
                             int count) {
  std::string out = "<ul class=\"odds\">\n";
  for (const int label : shown_classes(picture, count)) {
    const bool truth = label == picture.true_class, chosen = label == picture.predicted_class;
    const double share = double(picture.probabilities[std::size_t(label)]);
    const std::string name = escape(class_names[std::size_t(label)]);
    out += fmt::format(
        "<li class=\"{}\"><span>{}{}</span><span>{}</span><i style=\"width:{:.1f}%\"></i></li>\n",
        truth ? "truth" : "other", chosen ? "<b>" + name + "</b>" : name,
        truth ? " <span title=\"true class\">\xE2\x9C\x93</span>" : "", percent(share, 1),
        100 * std::clamp(share, 0.0, 1.0));
  }
  return out + "</ul>\n";
}

std::string gallery_html(const std::vector<Pictured>& pictures,
                         const std::vector<std::string>& class_names) {
  if (pictures.empty()) return "";
  std::string out = "<ul class=\"cards\">\n";
  for (const Pictured& picture : pictures) {
    const std::string words = fmt::format("Test image {}, {}", picture.index,
                                          class_names[std::size_t(picture.true_class)]);
    out += "<li><div>" + image_html(thumbnail(picture.image, kCardPixels), words, kCardBytes);
    if (!picture.evidence.empty()) {
      out += image_html(thumbnail(evidence_picture(picture.image, picture.evidence), kCardPixels),
                        words + ": what decided", kCardBytes);
    }
    out += fmt::format("</div><div>{}{}<p class=\"soft\">test image {}</p></div></li>\n",
                       card_title(picture, class_names),
                       probability_bars(picture, class_names, kCardBars), picture.index);
  }
  return out + "</ul>\n";
}

}  // namespace tailor::internal
