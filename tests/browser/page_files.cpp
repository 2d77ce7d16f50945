#include "tests/browser/page_files.hpp"

#include <map>

#include "tests/browser/fixture.hpp"

namespace tailor::internal::browser {

std::filesystem::path page_file(const std::string& name) {
  static std::map<std::string, std::filesystem::path> files;
  if (!files.contains(name)) files[name] = write_page(name, page_text(name));
  return files[name];
}

}  // namespace tailor::internal::browser
