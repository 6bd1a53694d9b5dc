# Helpers for the developer build.

find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
include(GoogleTest)

# tapir_use_internals(<target>): for tests, fuzz targets and benchmarks, which
# may look into the rooms' private headers and use tests/support.
function(tapir_use_internals target)
  tapir_target_options(${target})
  tapir_compile_quickly(${target})
  target_include_directories(${target} PRIVATE
    "${PROJECT_SOURCE_DIR}/libarchive-core" "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(${target} PRIVATE TAPIR_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set(rooms tapir::core)
  if(TAPIR_TEST_SCOPE)
    # What no test of a scope needs is not compiled for it.
    get_property(rooms GLOBAL PROPERTY TAPIR_ROOMS)
    list(REMOVE_ITEM rooms tapir_iscsi tapir_postgres)
  endif()
  target_link_libraries(${target} PRIVATE ${rooms} fmt::fmt Threads::Threads)
  if(TAPIR_SANITIZE)
    target_compile_definitions(${target} PRIVATE TAPIR_SANITIZED)
  endif()
  if(TARGET tapir_test_support AND NOT target STREQUAL "tapir_test_support")
    target_link_libraries(${target} PRIVATE tapir_test_support)
  endif()
endfunction()

# Files that others made, which the project holds no copy of.
set(TAPIR_SAMPLES "$ENV{TAPIR_SAMPLES}")
if(NOT TAPIR_SAMPLES)
  message(STATUS "TAPIR_SAMPLES is not set: no tests on samples")
endif()

# tapir_test_optimization(<target>): optimizing test code takes longer than running it.
function(tapir_test_optimization target)
  if(TAPIR_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  else()
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endfunction()

# tapir_test(NAME <folder> [LABELS <label>...] [WITHOUT <regex>...] [RUNNER <script>]): the
# executable tapir_<folder>_test from the sources of tests/<folder>; one ctest per case, or with
# RUNNER one of all, which that script runs. Those of *_samples_test.cc need the samples; those that
# match WITHOUT are left out.
function(tapir_test)
  cmake_parse_arguments(PARSE_ARGV 0 test "" "NAME;RUNNER" "LABELS;WITHOUT")
  set(target tapir_${test_NAME}_test)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${test_NAME}/*.cc")
  foreach(left_out IN LISTS test_WITHOUT)
    list(FILTER sources EXCLUDE REGEX "${left_out}")
  endforeach()
  set(on_samples ${sources})
  list(FILTER on_samples INCLUDE REGEX "_samples_test\\.cc$")
  if(TAPIR_SAMPLES)
    set_source_files_properties(${on_samples} PROPERTIES
      COMPILE_DEFINITIONS TAPIR_SAMPLES="${TAPIR_SAMPLES}")
  else()
    list(FILTER sources EXCLUDE REGEX "_samples_test\\.cc$")
  endif()
  add_executable(${target} ${sources})
  tapir_use_internals(${target})
  target_link_libraries(${target} PRIVATE GTest::gmock GTest::gtest_main)
  # GoogleTest's headers are half of what there is to compile in a test.
  tapir_unity(${target} 16)
  tapir_test_optimization(${target})
  if(test_NAME STREQUAL "tools")
    target_link_libraries(${target} PRIVATE tapir_cli)
  endif()
  # Discovery flattens lists; ctest -L searches within a label, so one joined
  # name ("unit-threads") answers to each of its parts.
  list(JOIN test_LABELS "-" labels)
  if(test_RUNNER)
    add_test(NAME ${test_NAME} COMMAND bash "${test_RUNNER}" $<TARGET_FILE:${target}>)
    set_tests_properties(${test_NAME} PROPERTIES LABELS ${labels} TIMEOUT 600 SKIP_RETURN_CODE 77)
    return()
  endif()
  gtest_discover_tests(${target} TEST_PREFIX ${test_NAME}. DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${labels} TIMEOUT 600)
endfunction()

# tapir_fuzz(<name>): fuzz/<name>_fuzz.cc with the replay main, or libFuzzer in
# the fuzz preset. Either way a ctest runs its corpus and the format's vectors.
function(tapir_fuzz name)
  set(target tapir_${name}_fuzz)
  add_executable(${target} ${name}_fuzz.cc)
  tapir_use_internals(${target})
  target_link_libraries(${target} PRIVATE tapir_fuzz_support)
  # The entry point is declared by its caller only. A source's own options stand
  # after those of the target.
  set_source_files_properties(${name}_fuzz.cc PROPERTIES COMPILE_OPTIONS -Wno-missing-declarations)
  set(arguments "")
  if(TAPIR_LIBFUZZER)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    set(arguments -runs=0 "-dict=${CMAKE_CURRENT_SOURCE_DIR}/tapir.dict")
  else()
    target_link_libraries(${target} PRIVATE tapir_fuzz_replay)
  endif()
  file(GLOB inputs CONFIGURE_DEPENDS LIST_DIRECTORIES true
    "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}" "${PROJECT_SOURCE_DIR}/format-spec/vectors")
  add_test(NAME fuzz.${name} COMMAND ${target} ${arguments} ${inputs})
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz COST 20 TIMEOUT 600)
endfunction()
