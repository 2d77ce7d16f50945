// The fixture of tests that train on the small data.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "tailor/core/file.hpp"
#include "tests/e2e/small_data.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal::e2e {

// A folder with the small data and the small experiment, small.toml.
class SmallDataTest : public testing::Test {
 protected:
  SmallDataTest() {
    make_folder(data_);
    write_small_data(data_);
    write_file_atomic(small_, small_experiment(data_));
  }

  const OwnFolder folder_;
  const std::filesystem::path data_ = folder_ / "data", small_ = folder_ / "small.toml";
};

}  // namespace tailor::internal::e2e
