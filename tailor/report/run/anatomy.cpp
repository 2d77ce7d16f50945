#include "tailor/report/run/anatomy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "tailor/report/parts/html.hpp"
#include "tailor/report/picture/palette.hpp"
#include "tailor/report/run/gallery.hpp"

namespace tailor::internal {
namespace {

constexpr int kMaps = 32;
constexpr int kKernels = 128;
constexpr int kMapPixels = 56;
constexpr int kExamplePixels = 160;
constexpr int kExampleBars = 5;

// Blue and orange differ for every kind of colour blindness, and both from white by lightness
// alone.
constexpr std::array<Rgb, 3> kDiverging = {
    {{0xb3, 0x58, 0x06}, {0xf7, 0xf7, 0xf7}, {0x21, 0x5f, 0xa8}}};
// Five points of viridis (van der Walt & Smith 2015, public domain): lightness rises evenly.
constexpr std::array<Rgb, 5> kSequential = {{{0x44, 0x01, 0x54},
                                             {0x3b, 0x52, 0x8b},
                                             {0x21, 0x91, 0x8c},
                                             {0x5e, 0xc9, 0x62},
                                             {0xfd, 0xe7, 0x25}}};

struct ValueScale {
  double low = 0, high = 1;
  std::span<const Rgb> colours;

  Rgb colour(double value) const {
    if (!std::isfinite(value)) return {0x80, 0x80, 0x80};
    const double share = high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0;
    const double at = share * double(colours.size() - 1);
    const auto i = std::min(std::size_t(at), colours.size() - 2);
    Rgb mixed{};
    for (std::size_t c = 0; c < 3; ++c) {
      const double from = double(colours[i][c]), to = double(colours[i + 1][c]);
      mixed[c] = std::uint8_t(std::lround(from + (to - from) * (at - double(i))));
    }
    return mixed;
  }
};

std::size_t map_size(const FeatureMaps& maps) {
  return std::size_t(maps.height) * std::size_t(maps.width);
}

bool holds_values(const FeatureMaps& maps) {
  return maps.channels > 0 && map_size(maps) > 0 &&
         maps.values.size() == std::size_t(maps.channels) * map_size(maps);
}

Image paint(const FeatureMaps& maps, int channel, const ValueScale& scale) {
  Image image{maps.height, maps.width, 3, {}};
  const std::size_t size = map_size(maps);
  for (float value : std::span(maps.values).subspan(std::size_t(channel) * size, size)) {
    const Rgb colour = scale.colour(double(value));
    image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
  }
  return thumbnail(image, kMapPixels);
}

ValueScale kernel_scale(const FeatureMaps& kernels) {
  double reach = 0;
  for (float value : kernels.values) {
    if (std::isfinite(value)) reach = std::max(reach, std::abs(double(value)));
  }
  return {-reach, reach, kDiverging};
}

ValueScale map_scale(const FeatureMaps& maps) {
  std::vector<float> values;
  for (float value : maps.values) {
    if (std::isfinite(value)) values.push_back(value);
  }
  if (values.empty()) return {0, 1, kSequential};
  std::sort(values.begin(), values.end());
  return {double(values.front()), double(values[(values.size() - 1) * 999 / 1000]), kSequential};
}

std::string scale_html(const ValueScale& scale, std::string_view style, int digits) {
  return fmt::format("<p class=\"value-scale\">{}<i class=\"{}\"></i>{}</p>\n",
                     decimal(scale.low, digits), style, decimal(scale.high, digits));
}

// One value everywhere: nothing of the image gets through, as where a filter has died.
bool is_flat(const FeatureMaps& maps, int channel) {
  const std::size_t size = map_size(maps);
  const auto values = std::span(maps.values).subspan(std::size_t(channel) * size, size);
  return size > 1 && std::equal(values.begin() + 1, values.end(), values.begin());
}

std::string tiles(const FeatureMaps& maps, int count, const ValueScale& scale) {
  std::string out;
  for (int channel = 0; channel < count; ++channel) {
    out += fmt::format("<img src=\"{}\" alt=\"\" title=\"{}\"{}/>",
                       image_uri(paint(maps, channel, scale), 1 << 20), channel,
                       is_flat(maps, channel) ? " class=\"same\"" : "");
  }
  return out;
}

// What tiles of one colour mean, for those among the first `count`.
std::string flat_note(const FeatureMaps& maps, int count, std::string_view meaning) {
  int flat = 0;
  for (int channel = 0; channel < count; ++channel) flat += is_flat(maps, channel);
  if (flat == 0) return "";
  return paragraph(fmt::format("{} of {} (dashed) {} one value everywhere: {}.", flat, count,
                               flat == 1 ? "has" : "have", meaning),
                   "soft");
}

std::string grid_figure(std::string_view style, const std::string& title, const std::string& alt,
                        const std::string& scale, const std::string& grid,
                        const std::string& note) {
  return fmt::format(
      "<figure class=\"maps {}\">\n<figcaption><b>{}</b>{}</figcaption>\n<div class=\"grid\" "
      "role=\"img\" aria-label=\"{}\">{}</div>\n{}</figure>\n",
      style, escape(title), scale, escape(alt), grid, note);
}

}  // namespace

std::string kernels_html(const FeatureMaps& kernels, int input_channels) {
  if (!holds_values(kernels)) return "";
  const int filters = kernels.channels / std::max(1, input_channels);
  const int shown = std::min(kernels.channels, kKernels / input_channels * input_channels);
  const ValueScale scale = kernel_scale(kernels);
  const std::string title = fmt::format(
      "{}: {} kernels of {} \xC3\x97 {}{}{}", kernels.layer, filters, kernels.height, kernels.width,
      input_channels > 1 ? fmt::format(" over {} channels", input_channels) : "",
      shown < kernels.channels ? fmt::format(", the first {}", shown / input_channels) : "");
  std::string grid = tiles(kernels, shown, scale);
  const std::string figure = grid_figure(
      "kernels", title,
      title + fmt::format("; weights from {} to {}", decimal(scale.low, 2), decimal(scale.high, 2)),
      scale_html(scale, "diverging", 2), grid,
      flat_note(kernels, shown, "they look for no pattern"));
  return figure;
}

std::string maps_html(const FeatureMaps& maps) {
  if (!holds_values(maps)) return "";
  const int shown = std::min(maps.channels, kMaps);
  const ValueScale scale = map_scale(maps);
  const std::string title =
      fmt::format("{}: {} {} of {} \xC3\x97 {}{}", maps.layer, maps.channels,
                  maps.channels == 1 ? "map" : "maps", maps.height, maps.width,
                  shown < maps.channels ? fmt::format(", the first {}", shown) : "");
  return grid_figure("features", title, title, scale_html(scale, "sequential", 2),
                     tiles(maps, shown, scale),
                     flat_note(maps, shown, "these filters do not answer to this image"));
}

std::string anatomy_html(const Anatomy& anatomy, const std::vector<std::string>& class_names) {
  const Pictured& example = anatomy.example;
  std::string out;
  if (!example.image.pixels.empty()) {
    const std::string& truth = class_names[std::size_t(example.true_class)];
    out += "<div class=\"example\">\n" +
           image_html(thumbnail(example.image, kExamplePixels),
                      fmt::format("Test image {}, {}", example.index, truth)) +
           fmt::format(
               "<div><p>Test image {}, <b>{}</b>, and how probable the model finds each "
               "class.</p>\n",
               example.index, escape(truth)) +
           probability_bars(example, class_names, kExampleBars) + "</div>\n</div>\n";
  }
  out += kernels_html(anatomy.kernels, std::max(1, example.image.channels));
  for (const FeatureMaps& maps : anatomy.maps) out += maps_html(maps);
  return out;
}

}  // namespace tailor::internal
