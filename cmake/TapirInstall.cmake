# `cmake --install` gives find_package(tapir) and a pkg-config file.

include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/tapir")
install(EXPORT tapirTargets NAMESPACE tapir:: DESTINATION "${package_dir}")
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/tapirConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/tapirConfig.cmake" INSTALL_DESTINATION "${package_dir}")
# Before 1.0 each minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/tapirConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/tapirConfig.cmake"
  "${PROJECT_BINARY_DIR}/tapirConfigVersion.cmake" DESTINATION "${package_dir}")

# Static libraries are named from the top room down, as the linker reads them.
get_property(libraries GLOBAL PROPERTY TAPIR_ROOM_LIBRARIES)
list(REVERSE libraries)
list(TRANSFORM libraries PREPEND "-l")
list(JOIN libraries " " TAPIR_PC_LIBS)
# Relative to the file itself, so that an installed tree can be moved.
file(RELATIVE_PATH TAPIR_PC_PREFIX
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
set(TAPIR_PC_OPTIONAL "")
if(TAPIR_LIBISCSI_FOUND)
  string(APPEND TAPIR_PC_OPTIONAL " libiscsi")
endif()
if(TAPIR_LIBPQ_FOUND)
  string(APPEND TAPIR_PC_OPTIONAL " libpq")
endif()
if(TAPIR_LIBNTFS_FOUND)
  string(APPEND TAPIR_PC_OPTIONAL " libntfs-3g")
  foreach(library IN LISTS TAPIR_DISK_IMAGE_FOUND)
    string(APPEND TAPIR_PC_OPTIONAL " ${library}")
  endforeach()
endif()
configure_file("${CMAKE_CURRENT_LIST_DIR}/tapir.pc.in" "${PROJECT_BINARY_DIR}/tapir.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/tapir.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
