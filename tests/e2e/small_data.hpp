// A data set small enough to train on in a second, and an experiment for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tailor::internal::e2e {

// Four classes of 10 x 10 noise with a bright block in one of the corners: 800 training and 200
// test images in MNIST's four files.
void write_small_data(const std::filesystem::path& folder);

// One IDX file of unsigned bytes.
void write_idx(const std::filesystem::path& path, const std::vector<int>& sizes,
               const std::vector<std::uint8_t>& values);

// An experiment of a few trainings on it: first model, four candidates on three folds, final
// model. On one thread: tests run side by side, and threads that wait for each other's turn crawl.
std::string small_experiment(const std::filesystem::path& data);

// The same a tenth as large, and the smallest study of it: for who starts hundreds of them.
void write_tiny_data(const std::filesystem::path& folder);
std::string tiny_experiment(const std::filesystem::path& data);

// cv_results.csv without its four columns of times: what two equal searches agree on.
std::string without_times(const std::filesystem::path& csv);

}  // namespace tailor::internal::e2e
