# Targets `format`, `format-check` and `tidy`, where the tools are installed.
# Layout differs between releases of clang-format, hence the version.

find_program(TAPIR_CLANG_FORMAT NAMES clang-format-14 clang-format)
find_program(TAPIR_RUN_CLANG_TIDY NAMES run-clang-tidy-14 run-clang-tidy)

file(GLOB_RECURSE lint_sources CONFIGURE_DEPENDS
  libarchive-core/*.h libarchive-core/*.cc tools/*.h tools/*.cc tests/*.h tests/*.cc
  fuzz/*.h fuzz/*.cc bench/*.h bench/*.cc)
if(TAPIR_CLANG_FORMAT)
  add_custom_target(format COMMAND ${TAPIR_CLANG_FORMAT} -i ${lint_sources} VERBATIM)
  add_custom_target(format-check
    COMMAND ${TAPIR_CLANG_FORMAT} --dry-run --Werror ${lint_sources} VERBATIM)
endif()
if(TAPIR_RUN_CLANG_TIDY)
  # Only what the compile commands name as sources of the project, not the
  # generated files that include one header each.
  add_custom_target(tidy
    COMMAND ${TAPIR_RUN_CLANG_TIDY} -quiet -p "${PROJECT_BINARY_DIR}"
      -extra-arg=-Wno-unknown-warning-option
      "^${PROJECT_SOURCE_DIR}/(libarchive-core|tools|tests|fuzz|bench)/.*[.]cc$"
    VERBATIM)
endif()
