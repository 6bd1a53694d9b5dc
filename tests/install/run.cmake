# Installs the build into a scratch folder and builds, links and runs a small
# project against it: once by find_package, once by pkg-config.
# Needs BUILD_DIR, CXX and VERSION.

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status
    OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

set(scratch "${BUILD_DIR}/tests/install-consumer")
file(REMOVE_RECURSE "${scratch}")
set(prefix "${scratch}/prefix")
run("${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${prefix}")

file(GLOB pkgconfig_dir "${prefix}/lib/pkgconfig" "${prefix}/lib*/pkgconfig" "${prefix}/lib/*/pkgconfig")
list(JOIN pkgconfig_dir ":" pkgconfig_path)
set(ENV{PKG_CONFIG_PATH} "${pkgconfig_path}")

foreach(by_pkg_config IN ITEMS OFF ON)
  set(build "${scratch}/build-${by_pkg_config}")
  run("${CMAKE_COMMAND}" -G Ninja -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${build}"
    -D "CMAKE_CXX_COMPILER=${CXX}" -D "CMAKE_PREFIX_PATH=${prefix}"
    -D "BY_PKG_CONFIG=${by_pkg_config}" -D CMAKE_BUILD_TYPE=Release)
  run("${CMAKE_COMMAND}" --build "${build}")
  run("${build}/consumer")
  if(NOT output STREQUAL "tapir ${VERSION}\n")
    message(FATAL_ERROR "consumer said: ${output}")
  endif()
endforeach()
