#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/source/posix_source.h"

namespace tapir {

/// Keeps what was reported, as "kind subject: text".
class RecordingReporter final : public Reporter {
 public:
  void Report(NoticeKind kind, std::string_view subject, std::string_view text) override;
  std::vector<std::string> Take();

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Where many small files cost little: a file system in memory, if there is one.
std::string MemoryDirectory();

/// A temporary directory that everyone may enter, removed at the end. Every verb takes a path below
/// it and fails the test if it does not work.
class Tree {
 public:
  explicit Tree(const std::string& parent = testing::TempDir());
  ~Tree();
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  std::string At(std::string_view path) const { return directory_ + "/" + std::string(path); }
  const std::string& directory() const { return directory_; }

  void Directory(std::string_view path);
  void File(std::string_view path, std::string_view contents = "");
  void Symlink(std::string_view path, const std::string& target);
  void Fifo(std::string_view path);
  void Socket(std::string_view path);
  void Remove(std::string_view path);

  /// All of this tree, reported to reporter().
  PosixSourceOptions Options();
  RecordingReporter& reporter() { return reporter_; }

  /// What a source with `options` yields; fails the test if that is no success.
  std::vector<SourceItem> Scan(PosixSourceOptions options);
  std::vector<std::string> Paths(PosixSourceOptions options);
  /// The object at `path`; fails the test if there is none.
  SourceItem Find(std::string_view path);

 private:
  std::string directory_;
  RecordingReporter reporter_;
};

std::unique_ptr<PosixSource> MustCreate(PosixSourceOptions options);
/// Nothing at the end; fails the test if Next fails.
std::optional<SourceItem> MustNext(PosixSource& source);

std::string ReadContents(SourceObject& object, uint64_t size_bytes);

bool IsRoot();

/// Runs `body` in a process of its own; true if that returns true there.
bool RunInChild(const std::function<bool()>& body);
/// The same as the user nobody; root is required.
bool RunAsNobody(const std::function<bool()>& body);

}  // namespace tapir
