# Writes OUTPUT: a table of the texts in FILES, as arrays of bytes, which no compiler limits.
set(table "")
foreach(file ${FILES})
  get_filename_component(name ${file} NAME)
  file(READ ${file} hex HEX)
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
