// A folder for one test: ctest runs tests side by side, and people do it at the same time.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace tailor::internal {

// The path of a new, empty folder that nobody else has; removed with all that is in it.
class OwnFolder : public std::filesystem::path {
 public:
  OwnFolder() : path(made()) {}
  ~OwnFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(*this, ignored);
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;

 private:
  static std::filesystem::path made() {
    std::string name = (std::filesystem::temp_directory_path() / "tailor-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot create " + name);
    return name;
  }
};

}  // namespace tailor::internal
