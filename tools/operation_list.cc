#include "tools/operation_list.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "tools/escape.h"

namespace tapir::cli {

namespace {

std::vector<std::string> PartsOf(std::string_view line) {
  std::vector<std::string> parts;
  for (size_t begin = 0;;) {
    const size_t end = std::min(line.find('\t', begin), line.size());
    parts.emplace_back(line.substr(begin, end - begin));
    if (end == line.size()) return parts;
    begin = end + 1;
  }
}

Result<DelayedOperation> ParseOperation(std::string_view line) {
  const std::vector<std::string> parts = PartsOf(line);
  const auto is = [&parts](std::string_view word, size_t count) {
    return parts.front() == word && parts.size() == count;
  };
  DelayedOperation operation;
  if (is("move", 3)) {
    TAPIR_ASSIGN_OR_RETURN(operation.source, DelayedPath(parts[1]));
  } else if (is("delete", 2)) {
    operation.kind = DelayedKind::kDeleteFile;
  } else if (is("shortname", 3)) {
    operation.kind = DelayedKind::kSetFileShortName;
    operation.source = parts[1];
  } else {
    return InvalidArgument(
        Quoted(line) + " is none of move, delete and shortname with its paths, separated by tabs");
  }
  TAPIR_ASSIGN_OR_RETURN(operation.target, DelayedPath(parts.back()));
  return operation;
}

}  // namespace

Result<std::vector<DelayedOperation>> ParseOperationList(std::string_view text) {
  std::vector<DelayedOperation> operations;
  uint64_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    Result<DelayedOperation> operation = ParseOperation(line);
    if (!operation.ok()) {
      return std::move(operation).status().Annotate("line " + std::to_string(number));
    }
    operations.push_back(*std::move(operation));
  }
  return operations;
}

Result<std::string> ReadWholeInput(const std::string& file) {
  const int fd = file == "-" ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Status::FromErrno(errno, "cannot open " + Quoted(file));
  std::string text;
  std::array<char, 1u << 16> buffer{};
  Status failed;
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) failed = Status::FromErrno(errno, "cannot read " + Quoted(file));
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
  if (fd != STDIN_FILENO) ::close(fd);
  if (!failed.ok()) return failed;
  return text;
}

}  // namespace tapir::cli
