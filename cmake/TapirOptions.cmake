# Interface targets that every target of the project links privately:
# warnings, hardening, sanitizers. Nothing is set globally, so a project that
# adds Tapir as a subfolder keeps its own flags.

add_library(tapir_warnings INTERFACE)
target_compile_options(tapir_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wdouble-promotion
  -Wcast-align -Wcast-qual -Wold-style-cast -Wformat=2 -Wundef -Wvla
  -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi -Wimplicit-fallthrough
  -Wmissing-declarations -Wredundant-decls -Wunused
  # Options structs are filled by designated initializers; the rest keeps its default.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(tapir_warnings INTERFACE -Wduplicated-cond -Wlogical-op)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # False alarms on std::string concatenation (GCC PR 105329, 105651).
    target_compile_options(tapir_warnings INTERFACE -Wno-restrict)
  endif()
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # GoogleTest's parameterised macros call variadic macros with no argument.
  target_compile_options(tapir_warnings INTERFACE
    -Wthread-safety -Wno-gnu-zero-variadic-macro-arguments)
endif()

add_library(tapir_hardening INTERFACE)
target_compile_definitions(tapir_hardening INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_options(tapir_hardening INTERFACE -fstack-protector-strong)
target_link_options(tapir_hardening INTERFACE LINKER:-z,relro LINKER:-z,now)
if(NOT TAPIR_SANITIZE)
  # Sanitizers bring their own checks and do not work with fortified calls.
  target_compile_options(tapir_hardening INTERFACE
    $<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE>
    $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_options(tapir_hardening INTERFACE -fstack-clash-protection -fcf-protection)
endif()

add_library(tapir_sanitizers INTERFACE)
if(TAPIR_SANITIZE)
  list(JOIN TAPIR_SANITIZE "," sanitize)
  target_compile_options(tapir_sanitizers INTERFACE
    -fsanitize=${sanitize} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tapir_sanitizers INTERFACE -fsanitize=${sanitize})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    # The programs are large; where it is installed, LLVM's linker makes them in a third of the time.
    find_program(TAPIR_LLD NAMES ld.lld)
    if(TAPIR_LLD)
      target_link_options(tapir_sanitizers INTERFACE -fuse-ld=lld)
    endif()
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The instrumentation itself confuses GCC's flow analysis.
    target_compile_options(tapir_sanitizers INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(TAPIR_LIBFUZZER)
  target_compile_options(tapir_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(tapir_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
endif()

# tapir_unity(<target> [<count>]): names of one target's sources do not collide, so they can be
# compiled a few at a time. Small batches keep several processors busy and a change cheap; builds
# with sanitizers, which are made as a whole, have larger ones.
function(tapir_unity target)
  set(count 6)
  if(TAPIR_SANITIZE)
    set(count 12)
  endif()
  if(ARGC GREATER 1)
    set(count ${ARGV1})
  endif()
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${TAPIR_UNITY_BUILD} UNITY_BUILD_BATCH_SIZE ${count})
endfunction()

# tapir_target_options(<target>): what all targets of the project share.
function(tapir_target_options target)
  target_compile_features(${target} PRIVATE cxx_std_20)
  # BUILD_INTERFACE keeps these helpers out of the installed package.
  target_link_libraries(${target} PRIVATE
    $<BUILD_INTERFACE:tapir_warnings>
    $<BUILD_INTERFACE:tapir_hardening>
    $<BUILD_INTERFACE:tapir_sanitizers>)
endfunction()

# tapir_compile_quickly(<target>): for builds that are made to run their tests once (TAPIR_TEST_SCOPE).
# With sanitizers an optimized file takes two and a half times as long to compile, more than its
# tests gain by it, but for the inner loops of a few rooms.
function(tapir_compile_quickly target)
  if(TAPIR_TEST_SCOPE)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()
