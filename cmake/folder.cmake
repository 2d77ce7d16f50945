# Compiler settings every target of ours shares.
add_library(tailor_settings INTERFACE)
target_include_directories(tailor_settings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(tailor_settings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor)
# A fused multiply-add rounds once where numpy rounds twice: candidates and scores must equal
# scikit-learn's to the last bit. Only folders that ask for it with FUSES_MULTIPLY_ADD (the kernels)
# have it.
target_compile_options(tailor_settings INTERFACE
  -ffp-contract=$<IF:$<BOOL:$<TARGET_PROPERTY:TAILOR_FUSES_MULTIPLY_ADD>>,fast,off>)
# Without errno, sqrt vectorises. GCC 12's -Wrestrict misreads std::string's +.
target_compile_options(tailor_settings INTERFACE
  -fno-math-errno -fopenmp-simd $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
# GCC collects garbage whenever its memory has doubled from 128 MB on. Later, study/ takes 25 s of
# compiler time instead of 29 and cli/ 22 instead of 25, for 1.3 GB of memory instead of 1.0.
target_compile_options(tailor_settings INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=600000>)
if(TAILOR_WERROR)
  target_compile_options(tailor_settings INTERFACE -Werror)
endif()
# The binary runs on every x86-64 CPU since 2009, or on every CPU of another kind. What gains from
# newer instructions is compiled for these targets as well and chosen at run time:
# tailor/core/target/begin.hpp, tailor/core/target/clones.hpp.
option(TAILOR_X86_TARGETS "On x86-64, compile for newer CPUs too" ON)
set(TAILOR_TARGETS baseline)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  target_compile_options(tailor_settings INTERFACE -march=x86-64-v2)
  if(TAILOR_X86_TARGETS AND CMAKE_CXX_COMPILER_ID STREQUAL GNU
     AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12)
    list(APPEND TAILOR_TARGETS avx2 avx512 avx512_bf16)
    target_compile_definitions(tailor_settings INTERFACE TAILOR_X86_TARGETS)
  endif()
endif()
if(TAILOR_SANITIZE)
  target_compile_options(tailor_settings INTERFACE
                         -fsanitize=${TAILOR_SANITIZE} -fno-omit-frame-pointer)
  target_compile_definitions(tailor_settings INTERFACE TAILOR_SANITIZED)
  target_link_options(tailor_settings INTERFACE -fsanitize=${TAILOR_SANITIZE})
endif()

# What stops a fault from becoming an intrusion, in builds that optimise and have no sanitizer:
# canaries and probes of the stack, checked copies, tables of functions that are read only before
# the program begins, a program at any address. All together they cost 0.13 % of the instructions of
# a training (docs/decisions.md, "Hardened builds").
if(NOT TAILOR_SANITIZE)
  set(optimised $<NOT:$<CONFIG:Debug>>)
  target_compile_options(tailor_settings INTERFACE
    $<${optimised}:-fstack-protector-strong;-fstack-clash-protection>
    $<${optimised}:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=3>)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    target_compile_options(tailor_settings INTERFACE $<${optimised}:-fcf-protection>)
  endif()
  target_link_options(tailor_settings INTERFACE -Wl,-z,relro,-z,now)
endif()
include(CheckPIESupported)
check_pie_supported()

# The headers nearly every file reads, parsed once for the folders that take them (HEADERS below).
# A file then takes 0.5 s of compiler time less, or 1.4 s where it wants nlohmann/json.hpp, of
# mostly 1.5 to 5; parsing them for all takes 4 s.
set(TAILOR_HEADERS <algorithm> <cstdint> <filesystem> <functional> <map> <memory> <optional> <span>
    <string> <string_view> <variant> <vector> <fmt/format.h>)
option(TAILOR_PRECOMPILED_HEADERS "Parse the headers that nearly every file reads only once" ON)
# Who builds without tests builds once, and the files of a folder that asks for it (ONE_UNIT) are
# compiled as one: its headers are read and its templates made once, too. The 11 files of search/
# take 10 s of compiler time in one and 22 s in 11. With tests every file is compiled alone, since
# developers wait for the one they changed. Names in anonymous namespaces must differ in such a
# folder.
option(TAILOR_ONE_UNIT "Compile small folders as one file each, where there are no tests" ON)

# tailor_folder(NAME FOLDERS other... LIBRARIES lib... [EXCEPT_FOR target... [EXCEPT_IN subfolder]]
#               [ONLY_X86 subfolder] [FUSES_MULTIPLY_ADD] [HOT | COLD] [ONE_UNIT] [APART file...]
#               [HEADERS header... | HEADERS_OF folder]):
# tailor/NAME and its subfolders as the static library tailor_NAME, and the *_test.cpp beside its
# files as the test program tailor_NAME_test. Files that include core/target/begin.hpp are compiled
# once for each of TAILOR_TARGETS but those named in EXCEPT_FOR, where EXCEPT_IN leaves out that
# subfolder only. ONLY_X86 names a subfolder of kernels for the x86 targets; without those, its
# absent.cpp stands in for the rest of it. A COLD folder runs no loop that anybody waits for and is
# optimised less in a release: a third less compiler time. In all but HOT folders the standard
# library checks indices, and a wrong one ends the program. HEADERS are precompiled for its files;
# HEADERS_OF takes those of a folder of the same flags. What is compiled per target has none:
# core/target/begin.hpp says what must not be compiled for another CPU. Files that are APART belong
# to no library of the folder.
function(tailor_folder name)
  cmake_parse_arguments(ARG "FUSES_MULTIPLY_ADD;HOT;COLD;ONE_UNIT" "ONLY_X86;HEADERS_OF;EXCEPT_IN"
                        "FOLDERS;LIBRARIES;EXCEPT_FOR;HEADERS;APART" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tailor/${name}/*.cpp)
  if(ARG_ONLY_X86)
    set(absent ${PROJECT_SOURCE_DIR}/tailor/${name}/${ARG_ONLY_X86}/absent.cpp)
    if(TAILOR_TARGETS STREQUAL baseline)
      list(FILTER sources EXCLUDE REGEX "/tailor/${name}/${ARG_ONLY_X86}/")
      list(APPEND sources ${absent})
    else()
      list(REMOVE_ITEM sources ${absent})
    endif()
  endif()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  foreach(file ${ARG_APART})
    list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/tailor/${name}/${file})
  endforeach()
  if(NOT sources)
    return()
  endif()
  set(per_target)
  set(parts)
  foreach(source ${sources})
    file(STRINGS ${source} begins REGEX "^#include \"tailor/core/target/begin.hpp\"" LIMIT_COUNT 1)
    if(begins)
      list(APPEND per_target ${source})
    endif()
  endforeach()
  if(per_target)
    list(REMOVE_ITEM sources ${per_target})
    foreach(target ${TAILOR_TARGETS})
      set(for_target ${per_target})
      if(target IN_LIST ARG_EXCEPT_FOR)
        list(FILTER for_target EXCLUDE REGEX "/tailor/${name}/${ARG_EXCEPT_IN}")
      endif()
      if(NOT for_target)
        continue()
      endif()
      string(TOUPPER ${target} upper)
      add_library(tailor_${name}_${target} OBJECT ${for_target})
      target_compile_definitions(tailor_${name}_${target} PRIVATE
                                 TAILOR_TARGET=${target} TAILOR_TARGET_${upper})
      # Vectors wider than the target's registers are split, which GCC only wants to have said.
      target_compile_options(tailor_${name}_${target} PRIVATE -Wno-psabi)
      list(APPEND sources $<TARGET_OBJECTS:tailor_${name}_${target}>)
      list(APPEND parts tailor_${name}_${target})
    endforeach()
  endif()
  add_library(tailor_${name} STATIC ${sources})
  foreach(part tailor_${name} ${parts})
    set_target_properties(${part} PROPERTIES TAILOR_FUSES_MULTIPLY_ADD ${ARG_FUSES_MULTIPLY_ADD})
    target_link_libraries(${part} PUBLIC tailor_settings ${ARG_LIBRARIES})
    set_property(GLOBAL APPEND PROPERTY TAILOR_PARTS ${part})
    foreach(folder ${ARG_FOLDERS})
      if(TARGET tailor_${folder})
        target_link_libraries(${part} PUBLIC tailor_${folder})
      endif()
    endforeach()
  endforeach()
  if(NOT ARG_HOT)
    target_compile_definitions(tailor_${name} PRIVATE _GLIBCXX_ASSERTIONS)
  endif()
  if(ARG_COLD)
    target_compile_options(tailor_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  if(ARG_ONE_UNIT AND TAILOR_ONE_UNIT AND NOT TAILOR_TESTS)
    set_target_properties(tailor_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  endif()
  if(TAILOR_PRECOMPILED_HEADERS AND ARG_HEADERS)
    target_precompile_headers(tailor_${name} PRIVATE ${ARG_HEADERS})
  elseif(TAILOR_PRECOMPILED_HEADERS AND ARG_HEADERS_OF)
    target_precompile_headers(tailor_${name} REUSE_FROM tailor_${ARG_HEADERS_OF})
  endif()
  if(TAILOR_TESTS AND tests)
    tailor_test(tailor_${name}_test ${tests} FOLDERS ${name})
  endif()
endfunction()

# tailor_web_files(NAME scripts...): the stylesheets in tailor/NAME/web and those scripts, each with
# the modules that it imports, become part of the library tailor_NAME, where web_file("explorer.js")
# of tailor/NAME/web/web.hpp finds them.
function(tailor_web_files name)
  set(folder ${PROJECT_SOURCE_DIR}/tailor/${name}/web)
  file(GLOB modules CONFIGURE_DEPENDS ${folder}/*.js)
  file(GLOB styles CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*.css)
  set(styles_there ${styles})
  list(TRANSFORM styles_there PREPEND ${folder}/)
  set(generated ${PROJECT_BINARY_DIR}/generated/${name}_web_files.cpp)
  set(maker ${PROJECT_SOURCE_DIR}/cmake/web_files.cmake)
  add_custom_command(OUTPUT ${generated}
                     DEPENDS ${modules} ${styles_there} ${maker}
                             ${PROJECT_SOURCE_DIR}/cmake/join_modules.cmake
                     COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} "-DSTYLES=${styles}"
                             "-DSCRIPTS=${ARGN}" -DHEADER=tailor/${name}/web/web.hpp
                             -DOUTPUT=${generated} -P ${maker} VERBATIM)
  target_sources(tailor_${name} PRIVATE ${generated})
endfunction()

# tailor_program(NAME sources... FOLDERS other...)
function(tailor_program name)
  cmake_parse_arguments(ARG "" "" "FOLDERS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS} $<TARGET_OBJECTS:tailor_counting_new>)
  target_link_libraries(${name} PRIVATE tailor_settings)
  foreach(folder ${ARG_FOLDERS})
    if(TARGET tailor_${folder})
      target_link_libraries(${name} PRIVATE tailor_${folder})
    endif()
  endforeach()
endfunction()

# tailor_test(NAME sources... FOLDERS other...): a GoogleTest program; every test is known to ctest
# by its own name.
function(tailor_test name)
  tailor_program(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE tailor_test_main)
  target_compile_definitions(${name} PRIVATE TAILOR_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # Whatever table of kernels the developer's machine has.
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 600 LABELS ${name} SKIP_RETURN_CODE 77
                                  ENVIRONMENT TAILOR_KERNELS=default)
endfunction()
include(GoogleTest)

# tailor_test_on(ISA PROGRAM): that test program, whole, with the instruction set held down to ISA;
# skipped on a CPU that has no more than that (tests/main.cpp).
function(tailor_test_on isa program)
  string(TOLOWER ${isa} lower)
  string(REPLACE _test _on_${lower} name ${program})
  add_test(NAME ${name} COMMAND ${program} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES TIMEOUT 1200 SKIP_RETURN_CODE 77
                       ENVIRONMENT
    "ONEDNN_MAX_CPU_ISA=${isa};TAILOR_SECOND_RUN=${isa};TAILOR_KERNELS=default")
endfunction()
