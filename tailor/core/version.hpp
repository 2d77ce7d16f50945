// What was built: CMakeLists.txt says the version, git the commit.
#pragma once

namespace tailor::internal {

const char* version();  // "0.1.0"
const char* commit();   // "b7125367aa01-dirty", or "unknown" outside a git checkout

}  // namespace tailor::internal
