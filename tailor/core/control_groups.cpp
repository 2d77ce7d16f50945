#include "tailor/core/control_groups.hpp"

#include <fstream>
#include <sstream>

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

// A container may see another path than its own below the mount, or one that leads out of it: the
// mount itself is looked at in any case.
void over_groups(const fs::path& mount, const std::string& path, const ReadGroup& read) {
  fs::path group = fs::path(path).relative_path().lexically_normal();
  if (!group.empty() && *group.begin() == "..") group.clear();
  for (; !group.empty() && group != "."; group = group.parent_path()) read(mount / group);
  read(mount);
}

}  // namespace

void over_control_groups(const std::string& membership, const fs::path& mount,
                         const std::string& controller, const ReadGroup& read_2,
                         const ReadGroup& read_1) {
  std::istringstream lines(membership);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (controllers == ",,") {
      over_groups(mount, path, read_2);
      over_groups(mount / "unified", path, read_2);  // beside version 1
    } else if (controllers.find("," + controller + ",") != std::string::npos) {
      over_groups(mount / line.substr(first + 1, second - first - 1), path, read_1);
      over_groups(mount / controller, path, read_1);
    }
  }
}

std::string own_control_groups() {
  std::ifstream in("/proc/self/cgroup");
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace tailor::internal
