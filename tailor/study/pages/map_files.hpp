// What `tailor data embed` leaves of its maps: coordinates, pictures, the explorer page, a folder
// for the embedding projector.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tailor/core/json.hpp"
#include "tailor/study/model.hpp"
#include "tailor/study/pages/maps.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {

// What is embedded: some images of one split or of both, and with a model what it makes of them.
struct MapSubject {
  std::string dir;
  Dataset set;                 // the training images, then the test images
  std::size_t first_test = 0;  // in the set
  Indices indices;             // of the images that are embedded
  Rows points() const { return {&set, indices}; }
  std::optional<Model> model;
  Features features;                 // of the model's last hidden layer
  std::vector<float> probabilities;  // points x classes
};

// Where the points come from.
struct MapSource {
  std::string dir;            // a data set's; the model's or the default where empty
  std::string model;          // a run's folder or a model file, or empty
  std::string of;             // "raw", "features", "both"; "" for all there is
  std::string split = "all";  // train, test, all
  int limit = 0;              // a stratified slice of so many images, 0 = all
  std::uint64_t seed = 1;     // of the slice
};

// Throws bad_input where the features of no model are wanted, and for images that do not fit it.
MapSubject read_map_subject(const MapSource& source, Engine& engine);

// The maps asked for; nullopt when stopped.
std::optional<std::vector<Map>> make_maps(const MapSource& source, const TsneOptions& options,
                                          const MapSubject& subject, Engine& engine,
                                          const Observer& observer);

struct MapFiles {
  std::filesystem::path folder;
  std::vector<std::string> formats;  // of map_formats()
  std::string title;                 // of the page and the pictures
  int size = 0;                      // of the GIF's square in pixels; the PNG is twice as large
  std::vector<std::pair<std::string, std::string>> provenance;  // of the page
};

const std::vector<std::string>& map_formats();  // npy, csv, html, gif, png, projector

// Everything asked for, into the folder; returns the paths.
std::vector<std::string> write_map_files(const MapFiles& files, const MapSubject& subject,
                                         std::vector<Map> maps);

// The figures of one map.
Json to_json(const Map& map);
std::string to_text(const Map& map);

}  // namespace tailor::internal
