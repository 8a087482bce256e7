# Language, warnings and sanitizers for every target of the project.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# Assertions stay on in release builds: they cost little, and money depends on
# the assumptions they check.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")

set(SLUICE_SANITIZE "" CACHE STRING
    "Sanitizers to build with, e.g. address,undefined or thread")

option(SLUICE_CRASH_POINTS
       "Let tests kill the program between two steps (core/base/crash_point.hpp)")

option(SLUICE_BUILD_BENCH "Build the benchmarks (bench/)" ON)

# The compiler reads a dozen sources of a target as one, so it reads the headers
# that they share once: a full build takes half the time. After a change it
# compiles the whole dozen again. scripts/names checks that the sources of a
# target share no names. OFF compiles each source alone.
option(CMAKE_UNITY_BUILD "Compile several sources of a target as one" ON)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12 CACHE STRING
    "How many sources are compiled as one")

option(SLUICE_FUZZ
       "Build the fuzz targets (tests/fuzz) in place of tests; needs clang")

add_library(sluice_options INTERFACE)
target_include_directories(sluice_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(sluice_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Werror)
if(CMAKE_UNITY_BUILD)
  # In a joined file, these two also report what is sound in its own file: a
  # local variable named as a function of another source, and a class in
  # a source that has a member of an anonymous type. scripts/lint compiles each
  # source alone and reports shadowing.
  target_compile_options(sluice_options INTERFACE -Wno-shadow
    $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
if(SLUICE_CRASH_POINTS)
  target_compile_definitions(sluice_options INTERFACE SLUICE_CRASH_POINTS)
endif()
if(SLUICE_SANITIZE)
  add_compile_options(-fsanitize=${SLUICE_SANITIZE} -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With g++ these three lengthen a build by half. A null or stray access
    # is found by the address sanitizer, too; the fuzz targets, built by clang,
    # have them all.
    add_compile_options(-fno-sanitize=null,alignment,object-size)
  else()
    add_compile_options(
      -fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/cmake/fuzz.ignore)
  endif()
  add_link_options(-fsanitize=${SLUICE_SANITIZE})
endif()
