// tailor_pages FOLDER [NAME...]
//
// Writes the pages that the tests look at, or those named, as FOLDER/NAME.html; for people to look
// at, too: tools/look_at_pages. With TAILOR_BROWSER_LARGE in the environment there are larger ones.
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "tailor/core/file.hpp"
#include "tests/browser/page_recipes.hpp"

int main(int argc, char** argv) {
  using namespace tailor::internal;
  try {
    if (argc < 2) throw std::invalid_argument("usage: tailor_pages FOLDER [NAME...]");
    const std::filesystem::path folder = argv[1];
    make_folder(folder);
    std::vector<std::string> names(argv + 2, argv + argc);
    if (names.empty()) names = browser::page_names();
    for (const std::string& name : names) {
      write_file_atomic(folder / (name + ".html"), browser::page_text(name));
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
