# The library for other people's programs: every folder but the terminal's, of which only what
# tailor/tailor.hpp promises can be seen; and what `cmake --install` puts where.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# tailor_library(TARGET parts...): libtailor.so, or libtailor.a where BUILD_SHARED_LIBS is off, from
# the objects of all parts.
function(tailor_library target)
  list(TRANSFORM ARGN REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
  add_library(${target} ${objects})
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME tailor
    EXPORT_NAME tailor
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    LINKER_LANGUAGE CXX)
  target_compile_features(${target} INTERFACE cxx_std_20)
  target_include_directories(${target} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PRIVATE
    ${TAILOR_ONEDNN_LIBRARY} OpenMP::OpenMP_CXX Threads::Threads ZLIB::ZLIB PNG::PNG JPEG::JPEG
    GIF::GIF TIFF::TIFF PkgConfig::WEBP PkgConfig::ZIP PkgConfig::NETTLE Freetype::Freetype
    PkgConfig::FFTW3F SQLite::SQLite3 fmt::fmt)
  # Hidden visibility does not reach templates of the standard library made for our types.
  set(exports ${PROJECT_SOURCE_DIR}/cmake/exports.map)
  if(BUILD_SHARED_LIBS)
    target_link_options(${target} PRIVATE LINKER:--version-script=${exports})
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${exports})
  endif()
  if(TAILOR_SANITIZE)
    target_link_options(${target} PRIVATE -fsanitize=${TAILOR_SANITIZE})
  endif()
endfunction()

# tailor_install(LIBRARY PROGRAM headers...): headers as paths below the project.
function(tailor_install library program)
  install(TARGETS ${library} EXPORT TailorTargets)
  install(TARGETS ${program})
  foreach(header ${ARGN})
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${PROJECT_SOURCE_DIR}/${header}
            DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder})
  endforeach()

  set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Tailor)
  install(EXPORT TailorTargets NAMESPACE Tailor:: DESTINATION ${package})
  set(made ${PROJECT_BINARY_DIR}/generated)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/TailorConfig.cmake.in
                                ${made}/TailorConfig.cmake INSTALL_DESTINATION ${package})
  write_basic_package_version_file(${made}/TailorConfigVersion.cmake
                                   COMPATIBILITY SameMinorVersion)
  install(FILES ${made}/TailorConfig.cmake ${made}/TailorConfigVersion.cmake
          DESTINATION ${package})
  # Relative, since the prefix may be chosen when it is installed.
  file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/tailor.pc.in ${made}/tailor.pc @ONLY)
  install(FILES ${made}/tailor.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
