#include "tests/source/tree.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <utility>

namespace tapir {
namespace {

constexpr unsigned kNobody = 65534;

const char* KindName(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::kNote: return "note";
    case NoticeKind::kWarning: return "warning";
    default: return "other";
  }
}

}  // namespace

void RecordingReporter::Report(NoticeKind kind, std::string_view subject, std::string_view text) {
  std::string line = KindName(kind);
  line += ' ';
  line += subject;
  line += ": ";
  line += text;
  std::lock_guard lock(mutex_);
  lines_.push_back(std::move(line));
}

std::vector<std::string> RecordingReporter::Take() {
  std::lock_guard lock(mutex_);
  return std::exchange(lines_, {});
}

std::string MemoryDirectory() {
  const std::string shared_memory = "/dev/shm/";
  return ::access(shared_memory.c_str(), W_OK) == 0 ? shared_memory : testing::TempDir();
}

Tree::Tree(const std::string& parent) : directory_(parent + "tapir-source-XXXXXX") {
  EXPECT_NE(::mkdtemp(directory_.data()), nullptr) << std::strerror(errno);
  EXPECT_EQ(::chmod(directory_.c_str(), 0755), 0);
}

Tree::~Tree() { std::filesystem::remove_all(directory_); }

void Tree::Directory(std::string_view path) { std::filesystem::create_directories(At(path)); }

void Tree::File(std::string_view path, std::string_view contents) {
  std::filesystem::create_directories(std::filesystem::path(At(path)).parent_path());
  std::ofstream file(At(path), std::ios::binary);
  file << contents;
  file.close();
  EXPECT_TRUE(file.good()) << path;
}

void Tree::Symlink(std::string_view path, const std::string& target) {
  EXPECT_EQ(::symlink(target.c_str(), At(path).c_str()), 0) << path;
}

void Tree::Fifo(std::string_view path) { EXPECT_EQ(::mkfifo(At(path).c_str(), 0600), 0) << path; }

void Tree::Socket(std::string_view path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string name = At(path);
  ASSERT_LT(name.size(), sizeof address.sun_path);
  std::copy(name.begin(), name.end(), address.sun_path);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << path;
  ::close(fd);
}

void Tree::Remove(std::string_view path) { EXPECT_GT(std::filesystem::remove_all(At(path)), 0U); }

PosixSourceOptions Tree::Options() {
  return {.base_directory = directory_, .paths = {"."}, .reporter = &reporter_};
}

std::vector<SourceItem> Tree::Scan(PosixSourceOptions options) {
  const std::unique_ptr<PosixSource> source = MustCreate(std::move(options));
  std::vector<SourceItem> items;
  while (std::optional<SourceItem> item = MustNext(*source)) items.push_back(*std::move(item));
  return items;
}

std::vector<std::string> Tree::Paths(PosixSourceOptions options) {
  std::vector<std::string> paths;
  for (const SourceItem& item : Scan(std::move(options))) paths.push_back(item.path);
  return paths;
}

SourceItem Tree::Find(std::string_view path) {
  for (SourceItem& item : Scan(Options())) {
    if (item.path == path) return std::move(item);
  }
  ADD_FAILURE() << "not in the source: " << path;
  std::terminate();
}

std::unique_ptr<PosixSource> MustCreate(PosixSourceOptions options) {
  Result<std::unique_ptr<PosixSource>> source = PosixSource::Create(std::move(options));
  EXPECT_TRUE(source.ok()) << source.status().ToString();
  return *std::move(source);
}

std::optional<SourceItem> MustNext(PosixSource& source) {
  Result<std::optional<SourceItem>> item = source.Next();
  EXPECT_TRUE(item.ok()) << item.status().ToString();
  return item.ok() ? *std::move(item) : std::nullopt;
}

std::string ReadContents(SourceObject& object, uint64_t size_bytes) {
  std::string contents(size_bytes, '?');
  const Result<size_t> got = object.ReadAt(0, std::as_writable_bytes(std::span(contents)));
  EXPECT_TRUE(got.ok()) << got.status().ToString();
  contents.resize(got.ok() ? *got : 0);
  return contents;
}

bool IsRoot() { return ::geteuid() == 0; }

bool RunInChild(const std::function<bool()>& body) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool good = body();
    std::fflush(nullptr);
    ::_exit(good ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool RunAsNobody(const std::function<bool()>& body) {
  return RunInChild([&] {
    return ::setgroups(0, nullptr) == 0 && ::setgid(kNobody) == 0 && ::setuid(kNobody) == 0 &&
           body();
  });
}

}  // namespace tapir
