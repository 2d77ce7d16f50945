# cmake -DSOURCE=... -DFOLDER=... -P: modules that the build must join, and those it must refuse.
cmake_minimum_required(VERSION 3.22)

# What web_files.cmake makes of the page.js that imports a.js.
function(join page a)
  file(WRITE ${FOLDER}/page.js "${page}")
  file(WRITE ${FOLDER}/a.js "${a}")
  execute_process(COMMAND ${CMAKE_COMMAND} -DFOLDER=${FOLDER} -DSCRIPTS=page.js -DHEADER=none
                          -DOUTPUT=${FOLDER}/out.cpp -P ${SOURCE}/cmake/web_files.cmake
                  RESULT_VARIABLE failed ERROR_VARIABLE said)
  string(REGEX REPLACE "[ \n]+" " " said "${said}")
  set(failed ${failed} PARENT_SCOPE)
  set(said "${said}" PARENT_SCOPE)
endfunction()

function(refuses message page a)
  join("${page}" "${a}")
  if(NOT failed OR NOT said MATCHES "${message}")
    message(SEND_ERROR "expected \"${message}\" of\n${page}\n${a}\nbut it said: ${said}")
  endif()
endfunction()

set(imports "import {one} from './a.js';\n")
join("// Page.\n\n${imports}const two = one + 1;\n" "export const one = 1; // [;\n")
file(READ ${FOLDER}/out.cpp made)
set(expected "'use strict';\n(() => {\nconst one = 1; // [;\n")
string(APPEND expected "\n// Page.\n\nconst two = one + 1;\n})();\n")
string(HEX "${expected}" expected)
string(REGEX REPLACE "(..)" "0x\\1," expected "${expected}")
string(FIND "${made}" "{${expected}0}" found)
if(failed OR found EQUAL -1)
  message(SEND_ERROR "not joined as expected: ${said}${made}")
endif()

refuses("page.js imports two, which a.js does not export"
        "import {two} from './a.js';\ntwo();\n" "")
refuses("page.js imports one, which a.js does not export"
        "${imports}one();\n" "const one = 1;\n")
refuses("page.js imports b.js, which is not there" "import './b.js';\n" "")
refuses("page.js imports one and does not use it" "${imports}" "export const one = 1;\n")
refuses("page.js uses one of a.js without importing it" "import './a.js';\none();\n"
        "export function one() {}\n")
refuses("page.js uses one of a.js without importing it"
        "import './a.js';\nconst two = `\${one} more`;\n" "let one = 1;\n")
refuses("a.js and page.js both declare one" "import './a.js';\nfunction one() {}\n"
        "function one() {}\n")
refuses("a.js uses two of page.js without importing it" "${imports}const two = one;\n"
        "export const one = () => two;\n")
refuses("import each other" "${imports}export const two = one;\n"
        "import {two} from './page.js';\nexport const one = () => two;\n")
refuses("a.js: the build cannot read this: export let one" "${imports}one();\n"
        "export let one = 1;\n")
refuses("a.js: the build cannot read this: const one = 1, two" "import './a.js';\n"
        "const one = 1, two = 2;\n")
refuses("page.js: the build cannot read this: import all from" "import all from './a.js';\n" "")
