#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "tapir/object/object_source.h"

namespace tapir {

/// A source of which what is not on a medium yet can be had again, when a session goes on on
/// another volume. Release may be called from any thread, everything else as of ObjectSource.
class ReplaySource final : public ObjectSource {
 public:
  /// `source` must outlive this.
  explicit ReplaySource(ObjectSource& source) : source_(source) {}

  Result<std::optional<SourceItem>> Next() override;
  Result<std::shared_ptr<SourceObject>> Reopen(const std::string& path,
                                               const SourceIdentity& identity) override {
    return source_.Reopen(path, identity);
  }

  /// Everything up to `path`, in path order, is on the medium for good.
  void Release(std::string_view path);
  /// Next begins again, behind what was released, for another volume: names of files of which a
  /// name was released know it as their earlier one.
  void Rewind();
  /// Items released up to now.
  uint64_t released() const;

 private:
  struct LinkedFile {
    std::string first_name;
    uint32_t names_left;
  };
  using FileKey = std::pair<uint64_t, uint64_t>;  ///< device, inode

  ObjectSource& source_;
  mutable std::mutex mutex_;
  std::deque<SourceItem> items_;  ///< handed out and not released
  size_t next_ = 0;               ///< of items_, to be handed out again
  uint64_t released_ = 0;
  std::map<FileKey, LinkedFile> links_;     ///< files with names to come, released
  std::map<FileKey, std::string> earlier_;  ///< of volumes before
};

}  // namespace tapir
