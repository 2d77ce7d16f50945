// A folder's pictures -> images as the net sees them, on all cores.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/team/team.hpp"
#include "tailor/data/options.hpp"
#include "tailor/data/readers/source.hpp"
#include "tailor/data/ready_part.hpp"
#include "tailor/data/recipe.hpp"

namespace tailor::internal {

// Of so many of all, now and then, from the thread that asked.
using OnPictures = std::function<void(std::size_t done, std::size_t all)>;

// What is odd about the files of a set, and no part of what a model sees of others.
struct Oddities {
  bool transpose = false;  // rows are columns
  bool invert = false;     // what is dark is bright
};

// The recipe that `options` stand for where they leave open what the training images decide, and
// why it is so, in a few words for people. Throws bad_input where no file is a picture, and failure
// where this machine could not read one.
struct ChosenRecipe {
  Recipe recipe;
  std::string why;
};
ChosenRecipe choose_recipe(const ImageOptions& options, const std::filesystem::path& root,
                           const SourcePart& train, const Oddities& odd, Team& team);

// Every file of the part into its place of `pixels`, files.size() images of the recipe's shape.
// What is no picture leaves its place as it is. One entry for each file: nothing, or why not:
// bad_input where the file is bad, failure where this machine could not read it, good or bad.
using FileErrors = std::vector<std::optional<Error>>;
FileErrors decode_pictures(const Recipe& recipe, const Oddities& odd,
                           const std::filesystem::path& root, const std::vector<std::string>& files,
                           std::span<std::uint8_t> pixels, Team& team,
                           const OnPictures& on_pictures);

// Images of an array, resized where the recipe has another shape; as they are where it has theirs.
Dataset prepared_array(const Recipe& recipe, Dataset set, Team& team);

}  // namespace tailor::internal
