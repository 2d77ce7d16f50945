#include "tailor/data/decode_pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostFileBytes = 4 * kMostPixels;  // as many as of raw pixels
constexpr int kLongestSide = 64;                           // what "auto" makes of larger pictures

Fit fit_of(const ImageOptions& options) {
  if (options.fit == "crop") return Fit::kCrop;
  return options.fit == "stretch" ? Fit::kStretch : Fit::kPad;
}

Filter filter_of(const ImageOptions& options) {
  if (options.filter == "box") return Filter::kBox;
  return options.filter == "bicubic" ? Filter::kBicubic : Filter::kBilinear;
}

// The file's first bytes, or all of them where they do not hold the whole header.
std::optional<ImageHeader> header_of(const fs::path& path, bool upright) {
  constexpr std::uint64_t kFirst = 32 * 1024;  // a thumbnail in front included, mostly
  try {
    InputFile file(path);
    std::vector<std::uint8_t> bytes(std::min(file.size(), kFirst));
    bytes.resize(file.read(bytes));
    try {
      return read_header(bytes, upright, "");
    } catch (const Error&) {
      if (file.size() <= kFirst) return std::nullopt;
      return read_header(read_file(path, kMostFileBytes), upright, "");
    }
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kFailure) throw;
    return std::nullopt;  // it is told when its pixels are wanted
  }
}

std::string why_no_picture(const fs::path& path) {
  try {
    read_header(read_file(path, kMostFileBytes), false, printable(path.string()));
    return printable(path.string()) + " is too large";
  } catch (const Error& error) {
    return error.what();
  }
}

// What the headers of all pictures say together.
struct Sizes {
  std::vector<int> heights, widths;
};

Sizes sizes_of(const fs::path& root, const SourcePart& part, bool upright, Team& team) {
  std::vector<std::optional<ImageHeader>> headers(part.files.size());
  team.share_out_each(int(headers.size()), [&](int i, int) {
    headers[std::size_t(i)] = header_of(root / part.files[std::size_t(i)], upright);
  });
  Sizes sizes;
  for (const auto& header : headers) {
    if (!header) continue;
    const auto pixels = std::uint64_t(header->height) * std::uint64_t(header->width);
    if (pixels > kMostPixels) continue;  // it will be a bad file
    sizes.heights.push_back(header->height);
    sizes.widths.push_back(header->width);
  }
  return sizes;
}

int median(std::vector<int> values) {
  std::ranges::nth_element(values, values.begin() + std::ptrdiff_t(values.size() / 2));
  return values[values.size() / 2];
}

std::string size_text(int height, int width) {
  return picture_size(std::uint64_t(width), std::uint64_t(height));
}

// A multiple of 4, so that two poolings leave nothing out.
int in_fours(double side) {
  return std::max(int(side / 4 + 0.5), 2) * 4;
}

// Height and width that suit the pictures, and why.
void choose_size(const Sizes& sizes, Shape& shape, std::string& why) {
  const auto [low, high] = std::ranges::minmax(sizes.heights);
  const auto [narrow, wide] = std::ranges::minmax(sizes.widths);
  if (low == high && narrow == wide) {
    const int longest = std::max(high, wide);
    if (longest <= kLongestSide) {
      shape.height = high;
      shape.width = wide;
      why = "the size of all pictures";
      return;
    }
    const double scale = double(kLongestSide) / longest;
    shape.height = in_fours(high * scale);
    shape.width = in_fours(wide * scale);
    why = fmt::format("all pictures are {}, shrunk to {} on the longer side", size_text(high, wide),
                      kLongestSide);
    return;
  }
  const int middle_height = median(sizes.heights), middle_width = median(sizes.widths);
  const int side = std::min(in_fours(std::max(middle_height, middle_width)), kLongestSide);
  shape.height = shape.width = side;
  why = fmt::format("pictures of {} to {}, in the middle {}", size_text(low, narrow),
                    size_text(high, wide), size_text(middle_height, middle_width));
}

bool has_colours(const Image& image) {
  if (image.channels < 3) return false;
  const auto channels = std::size_t(image.channels);
  for (std::size_t i = 0; i < image.pixels.size(); i += channels) {
    const std::uint8_t* pixel = &image.pixels[i];
    if (pixel[0] != pixel[1] || pixel[1] != pixel[2]) return true;
  }
  return false;
}

// Whether any picture has a pixel that is not gray; most sets answer with their first.
bool any_colours(const fs::path& root, const SourcePart& part) {
  Image image;
  for (const std::string& file : part.files) {
    const auto header = header_of(root / file, false);
    if (!header || header->gray) continue;
    try {
      decode_picture(read_file(root / file, kMostFileBytes), false, file, image);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kFailure) throw;
      continue;
    }
    if (has_colours(image)) return true;
  }
  return false;
}

void set_right(const Oddities& odd, Image& image) {
  constexpr int kTransposed = 5;  // as EXIF counts
  if (odd.transpose) turn_upright(image, kTransposed);
  if (!odd.invert) return;
  const auto channels = std::size_t(image.channels);
  const bool alpha = channels % 2 == 0;  // which stays
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    if (alpha && i % channels == channels - 1) continue;
    image.pixels[i] = std::uint8_t(255 - image.pixels[i]);
  }
}

}  // namespace

ChosenRecipe choose_recipe(const ImageOptions& options, const fs::path& root,
                           const SourcePart& train, const Oddities& odd, Team& team) {
  ChosenRecipe chosen;
  Recipe& recipe = chosen.recipe;
  recipe.fit = fit_of(options);
  recipe.filter = filter_of(options);
  for (std::size_t c = 0; c < options.background.size(); ++c) {
    recipe.background.at(c) = std::uint8_t(options.background[c]);
  }
  recipe.upright = options.upright;
  recipe.shape = train.set.shape;  // of an array
  const bool open_size = options.size.empty(), open_channels = options.channels == 0;
  if (!train.files.empty() && open_size) {
    Sizes sizes = sizes_of(root, train, recipe.upright, team);
    if (odd.transpose) std::swap(sizes.heights, sizes.widths);
    if (sizes.heights.empty()) {
      throw bad_input(fmt::format("{}: none of the {} files is a picture; the first: {}",
                                  root.empty() ? "." : printable(root.string()), train.files.size(),
                                  why_no_picture(root / train.files.front())));
    }
    choose_size(sizes, recipe.shape, chosen.why);
  }
  if (!train.files.empty() && open_channels) {
    recipe.shape.channels = any_colours(root, train) ? 3 : 1;
  }
  if (!open_size) {
    recipe.shape.height = options.size[0];
    recipe.shape.width = options.size[1];
  }
  if (!open_channels) recipe.shape.channels = options.channels;
  return chosen;
}

FileErrors decode_pictures(const Recipe& recipe, const Oddities& odd, const fs::path& root,
                           const std::vector<std::string>& files, std::span<std::uint8_t> pixels,
                           Team& team, const OnPictures& on_pictures) {
  FileErrors errors(files.size());
  std::vector<Image> images(std::size_t(team.threads())), made(images.size());
  const std::size_t each = recipe.shape.size();
  std::atomic<std::size_t> done = 0;
  const Stopwatch watch;
  double told = 0;
  team.share_out(int(files.size()), 1, [&](int first, int last, int worker) {
    Image& image = images[std::size_t(worker)];
    Image& out = made[std::size_t(worker)];
    for (auto i = std::size_t(first); i < std::size_t(last); ++i) {
      try {
        const std::vector<std::uint8_t> bytes = read_file(root / files[i], kMostFileBytes);
        decode_picture(bytes, recipe.upright, "", image);
        set_right(odd, image);
        prepare(recipe, image, out);
        std::ranges::copy(out.pixels, pixels.begin() + std::ptrdiff_t(i * each));
      } catch (const Error& error) {
        std::string_view said = error.what();
        if (said.starts_with(' ')) said.remove_prefix(1);  // behind a source without a name
        errors[i].emplace(error.kind(), std::string(said));
      }
      ++done;
    }
    if (worker == 0 && on_pictures && watch.seconds() - told > 0.5) {
      told = watch.seconds();
      on_pictures(done, files.size());
    }
  });
  return errors;
}

Dataset prepared_array(const Recipe& recipe, Dataset set, Team& team) {
  if (recipe.shape == set.shape) return set;
  Dataset out{recipe.shape, {}, std::move(set.labels), std::move(set.class_names), {}, {}};
  std::vector<std::uint8_t> pixels(out.labels.size() * recipe.shape.size());
  team.share_out(int(out.labels.size()), 64, [&](int first, int last, int) {
    Image image, made;
    for (int i = first; i < last; ++i) {
      const auto stored = set.pixels.data() + std::size_t(i) * set.shape.size();
      image = {set.shape.height,
               set.shape.width,
               set.shape.channels,
               {stored, stored + set.shape.size()}};
      prepare(recipe, image, made);
      std::ranges::copy(made.pixels,
                        pixels.begin() + std::ptrdiff_t(std::size_t(i) * recipe.shape.size()));
    }
  });
  out.pixels = std::move(pixels);
  return out;
}

}  // namespace tailor::internal
