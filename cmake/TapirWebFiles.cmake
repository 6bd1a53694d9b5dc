# Run as a script: writes OUTPUT, a source that holds the FILES (separated by |)
# of a web page. cmake -D OUTPUT=x.cc -D FILES=a|b -P TapirWebFiles.cmake

set(types html text/html css text/css js text/javascript svg image/svg+xml)

set(arrays "")
set(entries "")
string(REPLACE "|" ";" FILES "${FILES}")
foreach(file IN LISTS FILES)
  cmake_path(GET file FILENAME name)
  cmake_path(GET file EXTENSION LAST_ONLY ending)
  string(SUBSTRING "${ending}" 1 -1 ending)
  list(FIND types ${ending} place)
  if(place EQUAL -1)
    message(FATAL_ERROR "${file}: what type is .${ending}?")
  endif()
  math(EXPR place "${place} + 1")
  list(GET types ${place} type)
  if(type MATCHES "^text/")
    string(APPEND type "; charset=utf-8")
  endif()
  if(name STREQUAL "index.html")
    set(name "")
  endif()
  # Digits of bytes need no care for what a string of the language would take
  # for something else.
  file(READ "${file}" digits HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${digits}")
  string(MAKE_C_IDENTIFIER "kBytes_${name}" variable)
  string(APPEND arrays "constexpr char ${variable}[] = {${bytes}};\n")
  string(APPEND entries
    "    {\"/${name}\", \"${type}\", {${variable}, sizeof(${variable})}},\n")
endforeach()

file(WRITE "${OUTPUT}.new" "#include \"tools/catalog/web/files.h\"

namespace tapir::cli {

namespace {

${arrays}
constexpr WebFile kWebFiles[] = {
${entries}};

}  // namespace

const WebFile* FindWebFile(std::string_view path) {
  for (const WebFile& file : kWebFiles) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

}  // namespace tapir::cli
")
file(COPY_FILE "${OUTPUT}.new" "${OUTPUT}")
file(REMOVE "${OUTPUT}.new")
