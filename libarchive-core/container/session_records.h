#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bytes/checksum.h"
#include "container/format.h"
#include "tapir/base/status.h"
#include "tapir/base/timestamp.h"

namespace tapir {

/// LABEL record (format chapter 1.3).
struct Label {
  Uuid volume_uuid{};
  Uuid set_uuid{};
  Timestamp created;
  uint32_t volume_sequence = 1;
  uint32_t max_block_bytes = 0;
  bool full_blocks = false;
  std::string name;
  std::string writer;
};

/// One ended session as later starts and ends list it (chapter 6.3).
struct SessionEntry {
  SessionId session_id{};
  uint32_t session_number = 0;
  SessionKind kind = SessionKind::kAdditive;
  SessionStatus status = SessionStatus::kComplete;
  bool has_policy = false;
  Timestamp start;
  Timestamp end;
  BlockPlace start_place;
  BlockPlace end_place;
  uint64_t object_count = 0;
  uint64_t content_bytes = 0;
  uint64_t read_features = 0;
  Digest128 end_digest{};
};

/// Where a session was before it went on on this volume (CONTINUES, chapter 6.6).
struct EarlierPart {
  Uuid volume_uuid{};
  uint32_t volume_sequence = 0;
  SessionId session_id{};  ///< of the part on that volume
  Digest128 end_digest{};  ///< zero: it has no END there
};

/// A volume of the set before this one (VOLUME_DEPENDENCY).
struct SetMember {
  Uuid volume_uuid{};
  uint32_t volume_sequence = 0;
};

/// An index of an earlier session of the set that stands again in this session's index section
/// (INDEX_COPY, chapter 7.3).
struct IndexCopy {
  SessionEntry session;  ///< an end digest of zeros: it has no END on its volume
  Locator root;          ///< of the copy
  uint32_t root_level = 0;
  Digest128 root_digest{};
  uint32_t volume_sequence = 0;  ///< of the volume that holds the session
};

/// What one rule of the session's policy left out (LEFT_OUT, chapter 12.3).
struct LeftOutCount {
  uint32_t rule = 0;
  uint64_t objects = 0;
  uint64_t bytes = 0;
};

/// START record (chapter 6.1).
struct StartRecord {
  SessionId session_id{};
  uint32_t session_number = 0;
  SessionKind kind = SessionKind::kAdditive;
  bool with_sha256 = false;
  SessionId base_id{};
  Timestamp start;
  uint32_t volume_sequence = 1;
  uint64_t read_features = 0;
  uint64_t append_features = 0;
  uint64_t compatible_features = 0;
  BlockPlace previous_end;
  Digest128 previous_end_digest{};
  uint64_t gap_first_unit = 0;
  uint64_t gap_units = 0;
  std::string writer;
  std::string options;
  std::optional<EarlierPart> continues;
  std::vector<SessionEntry> earlier;
};

/// END record (chapter 6.2).
struct EndRecord {
  SessionId session_id{};
  uint32_t session_number = 0;
  SessionStatus status = SessionStatus::kComplete;
  bool has_policy = false;
  Timestamp end;
  uint32_t volume_sequence = 1;
  uint64_t object_count = 0;
  uint64_t content_bytes = 0;
  uint64_t stored_bytes = 0;
  BlockPlace start_place;
  BlockPlace index_place;
  Locator root;
  uint32_t root_level = 0;
  Digest128 root_digest{};
  uint64_t read_features = 0;
  uint64_t append_features = 0;
  uint64_t compatible_features = 0;
  Digest128 previous_end_digest{};
  uint64_t chunk_count = 0;
  uint64_t flawed_count = 0;
  std::optional<Label> label;
  std::optional<StartRecord> start;  ///< of the same session, without those before it
  std::string writer;
  std::vector<SessionEntry> earlier;
  std::vector<SetMember> set_members;
  std::vector<IndexCopy> index_copies;
  std::vector<LeftOutCount> left_out;  ///< ascending by rule
};

/// Each returns the raw bytes of a chunk that holds just this record.
std::string EncodeLabel(const Label& label);
std::string EncodeStart(const StartRecord& start);
std::string EncodeEnd(const EndRecord& end);

/// Each reads the raw bytes of such a chunk: kCorrupt if it does not hold the record, or holds a
/// value out of range; kUnsupported for an unknown attribute that is marked as required.
Result<Label> DecodeLabel(ByteSpan raw);
Result<StartRecord> DecodeStart(ByteSpan raw);
Result<EndRecord> DecodeEnd(ByteSpan raw);

}  // namespace tapir
