#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jobs/entry_stream.h"
#include "jobs/session_choice.h"
#include "object/index_reader.h"
#include "tapir/base/damage.h"

namespace tapir {

/// The entries of a session on a device that can locate: from the index, or where that cannot be
/// read by going through the records.
class SessionEntries : public EntryStream {
 public:
  /// References must outlive this. What is wrong with the index, and with records that are read in
  /// its place, is appended to `damages`. Without `device` there are only the entries of an
  /// index that was read beforehand.
  SessionEntries(BlockDevice* device, const Label& label, const SessionPlace& session,
                 std::vector<Damage>& damages);

  Result<std::optional<Entry>> Next() override;
  Status SeekTo(const std::string& path) override;
  void Reposition() override;

 private:
  Status Open();
  Status FallBack(const Status& why);
  Status Scan();

  BlockDevice* device_;
  const Label& label_;
  SessionPlace session_;
  std::vector<Damage>& damages_;
  bool opened_ = false;
  std::optional<IndexReader> index_;
  std::optional<EntryList> scanned_;
  std::string last_path_;  ///< handed out or sought last, for going on in the records
  bool last_handed_out_ = false;
};

}  // namespace tapir
