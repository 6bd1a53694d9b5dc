# Libraries the core and the command need. Those without a CMake package of
# their own on every distribution come by pkg-config.

include(CheckCXXSourceCompiles)
include(CheckPIESupported)
check_pie_supported()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(TAPIR_ZSTD REQUIRED IMPORTED_TARGET libzstd>=1.5.0)
pkg_check_modules(TAPIR_XXHASH REQUIRED IMPORTED_TARGET libxxhash>=0.8.1)
pkg_check_modules(TAPIR_HIVEX REQUIRED IMPORTED_TARGET hivex>=1.3.21)
# 3.38 is the first with FTS5's trigrams and what else the catalogue asks of it.
pkg_check_modules(TAPIR_SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.38)
pkg_check_modules(TAPIR_RE2 REQUIRED IMPORTED_TARGET re2)
# The catalogue in a browser.
pkg_check_modules(TAPIR_HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib>=0.11)

# Optional parts, built where their library is found. They never change what is written.
pkg_check_modules(TAPIR_LIBISCSI IMPORTED_TARGET libiscsi>=1.18.0)
pkg_check_modules(TAPIR_LIBPQ IMPORTED_TARGET libpq>=13)
pkg_check_modules(TAPIR_LIBNTFS IMPORTED_TARGET libntfs-3g>=2021.8.22)
# Forms of disk images beside raw ones, for NTFS volumes.
set(TAPIR_DISK_IMAGE_LIBRARIES libvhdi libvmdk libewf libqcow)
foreach(library IN LISTS TAPIR_DISK_IMAGE_LIBRARIES)
  string(TOUPPER ${library} name)
  pkg_check_modules(TAPIR_${name} IMPORTED_TARGET ${library})
  if(TAPIR_${name}_FOUND)
    list(APPEND TAPIR_DISK_IMAGE_FOUND ${library})
  endif()
endforeach()

# The dispatching entry points exist only in libraries built for x86 with
# DISPATCH=1; elsewhere the plain ones are used, with equal results.
set(CMAKE_REQUIRED_LIBRARIES PkgConfig::TAPIR_XXHASH)
check_cxx_source_compiles([[
#include <xxhash.h>
#include <xxh_x86dispatch.h>
int main() { return static_cast<int>(XXH3_64bits_dispatch("", 0)); }
]] TAPIR_HAVE_XXH_DISPATCH)
unset(CMAKE_REQUIRED_LIBRARIES)
