// What the browser's tests share: one chromium for the whole program, a tab for each test, and the
// end of every test: the page did nothing wrong meanwhile.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "tests/browser/browser.hpp"

namespace tailor::internal::browser {

// Skipped where chromium is not installed; failed there where TAILOR_REQUIRE_BROWSER is set.
class BrowserTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // The tab of this test, opened when first asked for.
  Tab& tab();

  // Another one, with settings of its own.
  std::unique_ptr<Tab> new_tab(const Screen& screen = {});

 private:
  std::unique_ptr<Tab> tab_;
};

// Writes the page into the build folder's browser/ and returns its path.
std::filesystem::path write_page(const std::string& name, const std::string& html);

// browser/NAME.png in the build folder.
std::filesystem::path picture_path(const std::string& name);

}  // namespace tailor::internal::browser
