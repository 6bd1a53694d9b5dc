#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "container/chunk_reader.h"
#include "container/session_records.h"
#include "object/decoded_reader.h"
#include "object/object_assembler.h"
#include "tapir/base/progress.h"

namespace tapir {

/// A session while it is read forward.
struct ForwardSession {
  SessionId id{};
  uint32_t number = 0;
  BlockPlace begin_place;            ///< the block of its first chunk that was met
  std::optional<StartRecord> start;  ///< if it could be read
  std::optional<EndRecord> end;      ///< once it was read
  Digest128 end_digest{};
  Locator end_place;
  unsigned end_copies = 0;
  bool end_is_named = false;  ///< by the blocks of its second END: it was written
};

/// What a ForwardReader tells, in the order of the volume.
class VolumeSink : public ObjectSink {
 public:
  virtual Status VolumeLabel(const Label& /*label*/) { return OkStatus(); }
  virtual Status SessionBegin(const ForwardSession& session) = 0;
  /// All objects of the session have been told.
  virtual Status DataEnd(const ForwardSession& /*session*/) { return OkStatus(); }
  /// An index page of this session, or a copy of an earlier one, expanded.
  virtual Status IndexPage(const ForwardSession& /*session*/, const DecodedChunk& /*page*/) {
    return OkStatus();
  }
  /// The session is over: with its END, or without.
  virtual Status SessionEnd(const ForwardSession& session) = 0;
  /// It has features this program does not know and is passed over.
  virtual void SessionUnsupported(uint32_t /*number*/) {}
};

/// Reads a volume from where the device stands to its end, session by session (format chapter 8.1).
/// Needs no index and no device that locates. Single-thread, but for decoding.
class ForwardReader {
 public:
  struct Options {
    BlockReader::Options blocks;
    DecodedReader::Options decode;
    ObjectAssembler::Options assemble;  ///< with_sha256 is taken from each START
    ThreadPool* pool = nullptr;
    /// Stop behind this session; 0: at the end of the volume.
    uint32_t last_session = 0;
    /// The session the device stands in is the first of interest; earlier ones are passed over.
    uint32_t first_session = 0;
    Progress* progress = nullptr;
    const std::atomic<bool>* cancelled = nullptr;
  };

  /// References must outlive this.
  ForwardReader(BlockDevice& device, const Options& options, VolumeSink& sink);

  /// kNotFound: there is nothing; kForeign, kUnsupported: no volume, named in words; kCancelled.
  /// Otherwise only what the device or the sink fails with.
  Status Run();
  /// As Run from a block on, without looking whether a volume begins there.
  Status RunFrom(const BlockPlace& place);

  /// After Run: something that is not a whole session stands at the end.
  bool torn() const { return torn_; }
  uint64_t blocks_read() const { return chunks_.blocks_read(); }
  uint64_t bytes_read() const { return chunks_.bytes_read(); }
  uint64_t chunks_read() const { return chunk_count_; }
  /// Where the last block that was read ends.
  uint64_t end_unit() const { return chunks_.end_unit(); }
  const std::optional<Uuid>& volume_uuid() const { return chunks_.volume_uuid(); }

 private:
  Status CheckBeginning();
  Status Loop();
  Status TakeAll();
  Status EndVolume();
  Status EndWithoutChunk();
  Status TakeChunk(const DecodedChunk& decoded);
  Status TakeInSession(const DecodedChunk& decoded);
  Status OpenSession(const DecodedChunk& decoded);
  template <typename Record>
  bool IsOfThisSession(const Record& record) const;
  Status CloseSession(bool torn);
  bool IsTornBefore(const DecodedChunk& next) const;
  Status TakePostponed();
  Status TakeEnd(const DecodedChunk& decoded);
  bool HasRightLastEnd(const DecodedChunk& end) const;
  Status EndData(std::optional<uint64_t> object_count);
  void MakeAssembler();
  void ReleaseHeld();
  void DropHeldInGap(const StartRecord& start);
  void ComplainOfMissing(const DecodedChunk& decoded);
  void Complain(DamageKind kind, const DecodedChunk& decoded, std::string text);

  Options options_;
  VolumeSink& sink_;
  ChunkReader chunks_;
  bool can_peek_;
  std::optional<DecodedReader> decoded_;  ///< while the loop runs
  std::optional<ForwardSession> session_;
  std::optional<ObjectAssembler> assembler_;
  bool in_data_ = false;
  SessionId passed_over_{};              ///< unsupported or not asked for
  std::vector<Damage> held_;             ///< may turn out to be the remains of a torn session
  std::vector<DecodedChunk> postponed_;  ///< could not be expanded; the same of these
  bool torn_ = false;
  bool stopped_ = false;
  uint64_t chunk_count_ = 0;
};

}  // namespace tapir
