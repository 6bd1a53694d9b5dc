#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "object/content_digester.h"
#include "object/decoded_reader.h"
#include "object/digest_table.h"
#include "object/object_records.h"
#include "tapir/base/status.h"

namespace tapir {

/// How the contents of an object were proven.
enum class Proof {
  kDigest,   ///< by its digest
  kPending,  ///< part of it is another object's, which was not read along with it
  kWrong,    ///< the contents or their length differ from what the object says
};

/// An object that came in several records, while it comes and when it has ended.
struct AssembledObject {
  ObjectBegin begin;
  ObjectEnd end;
  Locator locator;
  uint32_t record_offset = 0;
  uint64_t record_digest = 0;
  std::optional<Reference> reference;  ///< of stream 0
  std::vector<OpaqueRecord> opaque_records;
};

/// What an ObjectAssembler tells, in the order of the volume. A failure returned ends the reading.
class ObjectSink {
 public:
  virtual ~ObjectSink() = default;

  /// A complete object in one record, its contents proven.
  virtual Status Whole(const ParsedRecord& record, const DecodedChunk& chunk) = 0;
  /// An object in several records: Begin, then Refer and Data in any number, then End or Abandon.
  virtual Status Begin(const AssembledObject& object) = 0;
  virtual Status Refer(const AssembledObject& object, const Reference& reference) = 0;
  virtual Status Data(const AssembledObject& object, uint32_t stream_number, uint64_t offset_bytes,
                      ByteSpan data) = 0;
  virtual Status End(const AssembledObject& object, Proof proof) = 0;
  /// Its rest cannot be read.
  virtual void Abandon(const AssembledObject& object) = 0;
  /// TOMBSTONE or EXCLUDED.
  virtual Status Marker(const ParsedRecord& record, const DecodedChunk& chunk) = 0;
  /// Objects of which nothing or too little could be read (Abandon is told besides).
  virtual void Lost(uint64_t first_ordinal, uint64_t count) = 0;
  virtual void Damaged(const Damage& damage) = 0;
  /// All records of a chunk have been handed out.
  virtual Status ChunkDone(const DecodedChunk& chunk) = 0;
};

/// Puts the objects of one session together from its decoded chunks, checks their order and digests
/// (format chapter 8.1), and counts exactly what is lost. Single-thread.
class ObjectAssembler {
 public:
  struct Options {
    /// All chunks of the session come: what is not there is lost. Else only some are read.
    bool complete = true;
    bool check_digests = true;
    bool with_sha256 = false;
  };

  ObjectAssembler(const Options& options, ObjectSink& sink);

  /// A chunk of kind records, data or policy, or one whose kind cannot be told.
  Status Take(const DecodedChunk& chunk);
  /// The session's data is over. `object_count` as its END says, if known.
  Status Finish(std::optional<uint64_t> object_count);

  /// The session never ended: an object that is open is abandoned, and nothing counts as lost.
  void Stop();

  uint64_t next_ordinal() const { return next_ordinal_; }
  const std::vector<OpaqueRecord>& session_records() const { return session_records_; }

 private:
  Status TakeRecord(const ParsedRecord& record, const DecodedChunk& chunk);
  Status BeginObject(const ParsedRecord& record, const DecodedChunk& chunk);
  Status TakeWhole(const ParsedRecord& record, const DecodedChunk& chunk);
  Status TakeData(uint64_t ordinal, uint32_t stream, uint64_t offset, ByteSpan data,
                  const DecodedChunk& chunk);
  Status TakeReference(const ParsedRecord& record, const DecodedChunk& chunk);
  Status EndObject(const ParsedRecord& record, const DecodedChunk& chunk);
  bool Advance(uint64_t ordinal, const DecodedChunk& chunk);
  bool IsOpen(uint64_t ordinal) const { return open_ && open_->begin.ordinal == ordinal; }
  void GiveUpOpen();
  void LoseUpTo(const ChunkHeader& header);
  void Complain(DamageKind kind, const DecodedChunk& chunk, std::string text, std::string path);
  Result<Proof> Prove(const StreamEnd& stream);
  Result<Proof> ProveReference(const StreamEnd& stream);

  Options options_;
  ObjectSink& sink_;
  uint64_t next_ordinal_ = 0;
  std::optional<AssembledObject> open_;
  std::string open_begin_payload_;
  std::map<uint32_t, ContentDigester> digesters_;  ///< by stream number, of the open object
  DigestTable digests_;
  std::vector<OpaqueRecord> session_records_;
};

}  // namespace tapir
