#include "tests/browser/fixture.hpp"

#include <cstdlib>

#include "tailor/core/file.hpp"
#include "tests/browser/chromium.hpp"

namespace tailor::internal::browser {
namespace {

namespace fs = std::filesystem;

// Started by the first test that needs it, ended with the program.
class SharedChromium : public ::testing::Environment {
 public:
  static Chromium& get() {
    if (!chromium_) chromium_ = std::make_unique<Chromium>();
    return *chromium_;
  }
  void TearDown() override { chromium_.reset(); }

 private:
  static std::unique_ptr<Chromium> chromium_;
};

std::unique_ptr<Chromium> SharedChromium::chromium_;
[[maybe_unused]] const ::testing::Environment* const kRegistered =
    ::testing::AddGlobalTestEnvironment(new SharedChromium);

}  // namespace

void BrowserTest::SetUp() {
  if (!Chromium::program().empty()) return;
  if (std::getenv("TAILOR_REQUIRE_BROWSER") != nullptr) {
    FAIL() << "no chromium here, and TAILOR_REQUIRE_BROWSER is set";
  }
  GTEST_SKIP() << "chromium is not installed (apt-get install chromium)";
}

void BrowserTest::TearDown() {
  if (!tab_) return;
  for (const std::string& fault : tab_->faults()) ADD_FAILURE() << tab_->url() << ": " << fault;
}

Tab& BrowserTest::tab() {
  if (!tab_) tab_ = new_tab();
  return *tab_;
}

std::unique_ptr<Tab> BrowserTest::new_tab(const Screen& screen) {
  return std::make_unique<Tab>(SharedChromium::get(), screen);
}

fs::path write_page(const std::string& name, const std::string& html) {
  const fs::path path = fs::path(TAILOR_BROWSER_FOLDER) / (name + ".html");
  make_folder(path.parent_path());
  write_file_atomic(path, html);
  return path;
}

fs::path picture_path(const std::string& name) {
  make_folder(TAILOR_BROWSER_FOLDER);
  return fs::path(TAILOR_BROWSER_FOLDER) / (name + ".png");
}

}  // namespace tailor::internal::browser
