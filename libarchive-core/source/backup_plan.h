#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "object/foreign_form.h"
#include "object/placed_range.h"
#include "tapir/object/metadata.h"
#include "tapir/object/ntfs_metadata.h"
#include "tapir/windows/backup_stream.h"

namespace tapir::source {

/// A data stream of an object, all of it in one file.
struct PlacedStream {
  FurtherStream head;  ///< number 0: the contents
  uint64_t size = 0;
  bool sparse = false;
  std::vector<PlacedRange> ranges;  ///< ascending, disjoint; the rest are holes
};

/// Finds out what object a sequence of backup streams tells: a visitor to hand to a lenient reader.
/// Holds headers and payloads, no data of streams. Single-thread.
class BackupPlan : public BackupStreamVisitor {
 public:
  Status OnHeader(const BackupStreamHeader& header) override;
  Status OnData(const BackupStreamHeader& header, uint64_t place,
                std::span<const std::byte> bytes) override;
  Status OnEnd(const BackupStreamHeader& header) override;
  void OnFinding(const Finding& finding) override;

  /// Whether the object as told here gives the same sequence again.
  bool lossless() const { return lossless_; }
  const std::vector<Finding>& findings() const { return findings_; }

  /// If lossless.
  const std::vector<PlacedStream>& streams() const { return streams_; }
  BackupLayout layout() const { return {.verbatim = false, .skeleton = skeleton_}; }
  /// All but times and attributes other than those that follow from it.
  NtfsMetadata ntfs() const;

 private:
  void BeginStream(const BackupStreamHeader& header);
  void AddBlock(const BackupStreamHeader& header);
  void TakePayload(const BackupStreamHeader& header);
  void GiveUp();

  bool lossless_ = true;
  std::vector<Finding> findings_;
  std::string skeleton_;
  size_t payload_begin_ = 0;  ///< in the skeleton
  bool payload_is_bad_ = false;
  size_t range_count_ = 0;
  bool has_contents_ = false;
  size_t open_ = 0;  ///< the stream that blocks belong to
  bool block_may_follow_ = false;
  std::vector<PlacedStream> streams_ = std::vector<PlacedStream>(1);
  std::set<std::string> names_;
  NtfsMetadata ntfs_;
};

}  // namespace tapir::source
