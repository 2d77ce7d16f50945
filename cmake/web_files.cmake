# Writes OUTPUT: a table of the STYLES in FOLDER and of its SCRIPTS, joined with the modules that
# they import, as arrays of bytes, which no compiler limits.
cmake_minimum_required(VERSION 3.22)
include(${CMAKE_CURRENT_LIST_DIR}/join_modules.cmake)
set(arrays "")
set(table "")
foreach(name ${STYLES} ${SCRIPTS})
  if(name IN_LIST SCRIPTS)
    join_modules(text ${FOLDER}/${name})
  else()
    file(READ ${FOLDER}/${name} text)
  endif()
  string(HEX "${text}" hex)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(MAKE_C_IDENTIFIER ${name} id)
  string(APPEND arrays "const unsigned char k_${id}[] = {${bytes}0};\n")
  string(APPEND table "  if (name == \"${name}\") "
         "return {reinterpret_cast<const char*>(k_${id}), sizeof(k_${id}) - 1};\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by cmake/web_files.cmake.
#include \"${HEADER}\"

#include <stdexcept>
#include <string>

namespace tailor::internal {
namespace {
${arrays}
}  // namespace

std::string_view web_file(std::string_view name) {
${table}  throw std::logic_error(\"no web file \" + std::string(name));
}

}  // namespace tailor::internal
")
