#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "container/volume.h"
#include "object/index_reader.h"
#include "tapir/base/damage.h"
#include "tapir/base/status.h"
#include "tapir/object/entry.h"

namespace tapir {

/// A session of a volume on a device that can locate.
struct SessionPlace {
  std::optional<SessionEntry> ended;  ///< nothing: it never ended
  BlockPlace begin;                   ///< its first block, or a block before it
  uint32_t number = 0;                ///< 0: not known yet
};

/// The entries of one session in path order: from the index, or where that cannot be read by going
/// through the records. Single-thread.
class SessionEntries {
 public:
  /// References must outlive this. What is wrong with the index is appended to `damages`.
  SessionEntries(BlockDevice& device, const Label& label, const SessionPlace& session,
                 std::vector<Damage>& damages);

  Result<std::optional<Entry>> Next();
  /// Goes on with the first entry that is not before `path`.
  Status SeekTo(const std::string& path);
  /// Another reader moved the device.
  void Reposition();
  uint32_t number() const { return session_.number; }

 private:
  Status Open();
  Status FallBack(const Status& why);
  Status Scan();

  BlockDevice& device_;
  const Label& label_;
  SessionPlace session_;
  std::vector<Damage>& damages_;
  bool opened_ = false;
  std::optional<IndexReader> index_;
  std::string last_path_;  ///< handed out last, for going on elsewhere
  bool any_path_ = false;
  std::vector<Entry> scanned_;
  size_t next_scanned_ = 0;
};

}  // namespace tapir
