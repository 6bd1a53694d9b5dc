# tapir_room(NAME <room> [DEPENDS <room>...] [LIBRARIES <target>...]
#            [DEFINITIONS <definition>...] [GENERATED_HEADERS <file>...] [INNER_LOOPS])
#
# One static library tapir_<room> (alias tapir::<room>) from <room>/**.cc, with
# include/tapir/<room>/*.h as its installed headers. A room without sources is
# an interface target; one without any file is skipped, and so are edges to it.
# INNER_LOOPS: tests spend their time in this room, it is optimized in every build.
function(tapir_room)
  cmake_parse_arguments(PARSE_ARGV 0 room "INNER_LOOPS" "NAME" "DEPENDS;LIBRARIES;DEFINITIONS;GENERATED_HEADERS")
  set(target tapir_${room_NAME})
  set(public_root "${CMAKE_CURRENT_SOURCE_DIR}/include")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${room_NAME}/*.cc")
  file(GLOB_RECURSE private_headers CONFIGURE_DEPENDS "${room_NAME}/*.h")
  file(GLOB headers CONFIGURE_DEPENDS "${public_root}/tapir/${room_NAME}/*.h")
  list(APPEND headers ${room_GENERATED_HEADERS})
  if(NOT sources AND NOT headers AND NOT private_headers)
    return()
  endif()

  if(sources)
    add_library(${target} STATIC ${sources} ${private_headers})
    set(visible PUBLIC)
    tapir_target_options(${target})
    tapir_unity(${target})
    if(NOT room_INNER_LOOPS)
      tapir_compile_quickly(${target})
    endif()
    target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
    target_compile_definitions(${target} PRIVATE ${room_DEFINITIONS})
    target_link_libraries(${target} PRIVATE fmt::fmt ${room_LIBRARIES})
    set_property(GLOBAL APPEND PROPERTY TAPIR_ROOM_LIBRARIES ${target})
  else()
    add_library(${target} INTERFACE)
    set(visible INTERFACE)
  endif()
  add_library(tapir::${room_NAME} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${room_NAME})
  target_compile_features(${target} ${visible} cxx_std_20)
  target_sources(${target} ${visible} FILE_SET HEADERS
    BASE_DIRS "${public_root}" "${PROJECT_BINARY_DIR}/include"
    FILES ${headers})
  # Each public header must compile alone.
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ${TAPIR_DEVELOPER_MODE})

  foreach(lower IN LISTS room_DEPENDS)
    if(TARGET tapir_${lower})
      target_link_libraries(${target} ${visible} tapir_${lower})
    endif()
  endforeach()

  install(TARGETS ${target} EXPORT tapirTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  set_property(GLOBAL APPEND PROPERTY TAPIR_ROOMS ${target})
endfunction()
