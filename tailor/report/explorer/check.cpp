#include "tailor/report/explorer/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tailor/report/explorer/images.hpp"
#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

// With hundreds of classes the portraits alone would eat the page's budget.
constexpr std::size_t kMostPortraits = 900;
constexpr std::size_t kLongRow = 8,
                      kShortRow = 4;  // images beside each other, phones have the less
constexpr std::size_t kMostPairs = 60;
constexpr std::size_t kMostLabels = 120;

std::string class_name(const ExplorerData& data, int label) {
  const std::vector<std::string>& names = data.points.set->class_names;
  const bool named = label >= 0 && std::size_t(label) < names.size();
  const std::string name = named ? names[std::size_t(label)] : "";
  return name.empty() ? fmt::format("class {}", label) : name;
}

std::string split_name(const CheckedImage& image) {
  return image.test ? "test" : "train";
}

std::string place(const CheckedImage& image) {
  return fmt::format("{}\xC2\xA0{}", split_name(image), image.index);
}

class Pictures {
 public:
  explicit Pictures(const ExplorerData& data) : data_(data) {
    for (std::size_t i = 0; i < data.points.size(); ++i) {
      points_.emplace(data.in_test[i] != 0, data.points.number(i));
    }
  }

  // <img>, with the text for those who do not see it.
  std::string plain(const std::vector<std::uint8_t>& pixels, const std::string& alt) const {
    const Shape& shape = data_.points.set->shape;
    if (pixels.size() != shape.size()) return "";
    const Image image = thumbnail(pixels, shape);
    return fmt::format(
        "<img decoding=\"async\" width=\"{}\" height=\"{}\" alt=\"{}\" "
        "src=\"data:image/png;base64,{}\" />",
        image.width, image.height, escape(alt), base64(encode_png(image)));
  }

  // The image; a link to its point where it has one.
  std::string linked(const CheckedImage& image) const {
    const std::string name = class_name(data_, image.label) + ", " + place(image);
    const std::string picture = plain(image.pixels, name);
    if (!points_.contains({image.test, image.index})) {
      return fmt::format("<span title=\"{}\">{}</span>", escape(name), picture);
    }
    return fmt::format(
        "<a href=\"#explorer\" data-split=\"{}\" data-index=\"{}\" title=\"{}\">{}</a>",
        split_name(image), image.index, escape(name), picture);
  }

 private:
  const ExplorerData& data_;
  std::set<std::pair<bool, std::uint32_t>> points_;
};

std::string bar(std::string_view style, std::int64_t count, std::int64_t most) {
  return fmt::format("<span class=\"{}\" style=\"width:{:.2f}%\"></span>", style,
                     most > 0 ? 100.0 * double(count) / double(most) : 0.0);
}

std::string balance_html(const ExplorerData& data, const DataCheck& check) {
  std::int64_t most = 0, train = 0, test = 0;
  for (const CheckedClass& one : check.classes) {
    most = std::max({most, one.train, one.test});
    train += one.train;
    test += one.test;
  }
  std::string rows;
  for (std::size_t label = 0; label < check.classes.size(); ++label) {
    const CheckedClass& one = check.classes[label];
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"bars\" aria-hidden=\"true\">{}{}</td></tr>\n",
        escape(class_name(data, int(label))), grouped(one.train), grouped(one.test),
        bar("train", one.train, most), bar("test", one.test, most));
  }
  return fmt::format(
      "<h3 id=\"balance\">Class balance</h3>\n<p class=\"soft\">{} training and {} test images. "
      "<span class=\"key train\"></span>train <span class=\"key test\"></span>test</p>\n"
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Class balance\">"
      "<table class=\"balance\"><thead><tr><th scope=\"col\">class</th>"
      "<th scope=\"col\" class=\"n\">train</th><th scope=\"col\" class=\"n\">test</th>"
      "<th scope=\"col\"><span class=\"quiet\">as bars</span></th></tr></thead>\n"
      "<tbody>{}</tbody></table></div>\n",
      grouped(train), grouped(test), rows);
}

std::string strip(const Pictures& pictures, const std::vector<CheckedImage>& images,
                  std::size_t most) {
  const std::size_t count = std::min(most, images.size());
  const auto row = [&](std::size_t longest) {  // of as many rows as it takes, filled evenly
    const std::size_t rows = std::max<std::size_t>(1, (count + longest - 1) / longest);
    return std::max<std::size_t>(1, (count + rows - 1) / rows);
  };
  std::string out = fmt::format("<div class=\"strip\" style=\"--row:{};--short-row:{}\">",
                                row(kLongRow), row(kShortRow));
  for (std::size_t i = 0; i < count; ++i) out += pictures.linked(images[i]);
  return out + "</div>";
}

std::string portraits_html(const ExplorerData& data, const DataCheck& check,
                           const Pictures& pictures) {
  const std::size_t most =
      std::max<std::size_t>(2, kMostPortraits / 2 / std::max<std::size_t>(1, check.classes.size()));
  std::string rows;
  for (std::size_t label = 0; label < check.classes.size(); ++label) {
    const CheckedClass& one = check.classes[label];
    if (one.mean.empty() && one.typical.empty()) continue;
    const std::string name = class_name(data, int(label));
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        escape(name), pictures.plain(one.mean, "mean image of " + name),
                        strip(pictures, one.typical, most), strip(pictures, one.unusual, most));
  }
  if (rows.empty()) return "";
  return "<h3 id=\"portraits\">Typical and unusual</h3>\n<p class=\"soft\">Each class\xE2\x80\x99s "
         "mean image, the images nearest to others of their class, and those farthest from them."
         "</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Typical and "
         "unusual images\"><table class=\"portraits\"><thead><tr><th scope=\"col\">class</th>"
         "<th scope=\"col\">mean</th><th scope=\"col\">most typical</th>"
         "<th scope=\"col\">most unusual</th></tr></thead>\n<tbody>" +
         rows + "</tbody></table></div>\n";
}

std::string pair_html(const ExplorerData& data, const Pictures& pictures, const CheckedPair& pair) {
  const bool across = pair.a.test != pair.b.test;
  const bool differ = pair.a.label != pair.b.label;
  const auto half = [&](const CheckedImage& image) {
    return fmt::format("<div>{}<b>{}</b><span>{}</span></div>", pictures.linked(image),
                       escape(class_name(data, image.label)), place(image));
  };
  std::string notes = pair.distance > 0 ? "distance " + decimal(pair.distance, 1) : "equal";
  if (across) notes += " \xC2\xB7 <em>train and test</em>";
  if (differ) notes += " \xC2\xB7 <em>labels differ</em>";
  return fmt::format("<li class=\"twins\">{}{}<p>{}</p></li>\n", half(pair.a), half(pair.b), notes);
}

std::string pairs_html(const ExplorerData& data, const Pictures& pictures, std::string_view title,
                       std::string_view id, const std::vector<CheckedPair>& pairs,
                       std::int64_t count, std::int64_t across, const std::string& meaning) {
  std::string out = fmt::format("<h3 id=\"{}\">{}</h3>\n<p class=\"soft\">{}", id, title, meaning);
  if (count == 0) return out + " None.</p>\n";
  const std::size_t shown = std::min(pairs.size(), kMostPairs);
  out += fmt::format(" {} {} in all, {} of them between train and test", grouped(count),
                     count == 1 ? "pair" : "pairs", grouped(across));
  if (std::int64_t(shown) < count) out += fmt::format("; the first {} are shown", shown);
  out += ".</p>\n<ul class=\"cards\">\n";
  for (std::size_t i = 0; i < shown; ++i) out += pair_html(data, pictures, pairs[i]);
  return out + "</ul>\n";
}

std::string labels_html(const ExplorerData& data, const DataCheck& check,
                        const Pictures& pictures) {
  std::string out = "<h3 id=\"suspects\">Labels worth a look</h3>\n<p class=\"soft\">";
  if (check.label_source.empty()) {
    return out + "Not looked for: that takes out-of-fold predictions of a model.</p>\n";
  }
  out += "Confident learning on " + escape(check.label_source) + ". ";
  if (check.label_count == 0) return out + "No label is suspicious.</p>\n";
  const std::size_t shown = std::min(check.labels.size(), kMostLabels);
  out += fmt::format("{} {} in all{}, most suspicious first.</p>\n<ul class=\"cards\">\n",
                     grouped(check.label_count), check.label_count == 1 ? "image" : "images",
                     std::int64_t(shown) < check.label_count
                         ? fmt::format("; the first {} are shown", shown)
                         : "");
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [image, suspect] = check.labels[i];
    out += fmt::format(
        "<li class=\"suspect\">{}<div><span class=\"rank\">{}</span><span>labelled <b>{}</b> "
        "{}</span><span>looks like <b>{}</b> {}</span><span class=\"soft\">{}</span></div></li>\n",
        pictures.linked(image), i + 1, escape(class_name(data, suspect.given)),
        percent(suspect.given_probability, 1), escape(class_name(data, suspect.guess)),
        percent(suspect.guess_probability, 1), place(image));
  }
  return out + "</ul>\n";
}

}  // namespace

std::string check_html(const ExplorerData& data) {
  if (!data.check) return "";
  const DataCheck& check = *data.check;
  const Pictures pictures(data);
  std::string out =
      "<p>What a person should look at before trusting the data. Nothing was changed or left out; "
      "these are ranked lists, not verdicts. <code>tailor data check</code> writes each list in "
      "full as CSV. An image that is a point of the map takes you there.</p>\n"
      "<p class=\"jumps\"><a href=\"#balance\">Balance</a> <a href=\"#equal\">Duplicates</a> "
      "<a href=\"#suspects\">Suspicious labels</a></p>\n";
  out += balance_html(data, check);
  out += portraits_html(data, check, pictures);
  out += pairs_html(data, pictures, "Exact duplicates", "equal", check.equal, check.equal_count,
                    check.equal_across, "The same image, byte for byte.");
  out += pairs_html(data, pictures, "Near duplicates", "near", check.near, check.near_count,
                    check.near_across,
                    fmt::format("Closer than {} (Euclidean, in pixel values), nearest first.",
                                decimal(check.near_threshold, 0)));
  out += labels_html(data, check, pictures);
  return section_html("check", "Data quality", out);
}

}  // namespace tailor::internal
